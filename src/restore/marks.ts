/** On a claim while its volume is being handed over; the value is the run. Gone when the claim is the application's own. */
export const handoverAnnotation = "holdfast.dev/handover";
/** On a claim for good: the id of the recovery point that its data came from. */
export const restoredFromAnnotation = "holdfast.dev/restored-from";
/** On a volume while it is being handed over: the claim it is for, and the reclaim policy to put back. */
export const forClaimAnnotation = "holdfast.dev/for-claim";
export const reclaimPolicyAnnotation = "holdfast.dev/reclaim-policy";
/** On a claim of Holdfast's own namespace when its data is complete: the snapshot. */
export const filledAnnotation = "holdfast.dev/filled";
