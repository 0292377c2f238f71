/** On a claim while its volume is being handed over; the value is the run. Gone when the claim is the application's own. */
export const handoverAnnotation = "holdfast.dev/handover";
/** On a claim for good: the id of the recovery point that its data came from. */
export const restoredFromAnnotation = "holdfast.dev/restored-from";
/** On a volume while it is being handed over: the claim it is for, and the reclaim policy to put back. */
export const forClaimAnnotation = "holdfast.dev/for-claim";
export const reclaimPolicyAnnotation = "holdfast.dev/reclaim-policy";
/** On a claim of Holdfast's own namespace when its data is complete: the snapshot. */
export const filledAnnotation = "holdfast.dev/filled";
/** On a workload that was stopped while a volume's content is replaced: what it needs to be started as it was (JSON). */
export const stoppedAnnotation = "holdfast.dev/stopped";
/** On a claim while its content is replaced, the value is the run: what is in it is neither the old nor the new. */
export const replacingAnnotation = "holdfast.dev/replacing";
/** On a claim for good: the run that last replaced its content. */
export const replacedAnnotation = "holdfast.dev/replaced-by";
/** On a second PersistentVolume of the same storage, for the time of a restore: the name of the first. */
export const twinAnnotation = "holdfast.dev/twin-of";
