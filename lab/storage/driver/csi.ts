/** The parts of the CSI messages that this driver reads, as @grpc/proto-loader hands them over (defaults filled in). */

export type CapacityRange = { readonly requiredBytes: number; readonly limitBytes: number } | null;

export type VolumeCapability = {
  readonly accessType?: "block" | "mount";
  readonly mount?: { readonly fsType: string; readonly mountFlags: readonly string[] } | null;
  readonly accessMode: { readonly mode: string } | null;
};

export type ContentSource = {
  readonly snapshot?: { readonly snapshotId: string } | null;
  readonly volume?: { readonly volumeId: string } | null;
} | null;

export type CreateVolumeRequest = {
  readonly name: string;
  readonly capacityRange: CapacityRange;
  readonly volumeCapabilities: readonly VolumeCapability[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly mutableParameters: Readonly<Record<string, string>>;
  readonly volumeContentSource: ContentSource;
};

export type VolumeRequest = { readonly volumeId: string };
export type ExpandRequest = VolumeRequest & { readonly capacityRange: CapacityRange; readonly volumePath?: string };
export type ValidateRequest = VolumeRequest & { readonly volumeCapabilities: readonly VolumeCapability[] };
export type PageRequest = { readonly maxEntries: number; readonly startingToken: string };

export type CreateSnapshotRequest = { readonly name: string; readonly sourceVolumeId: string };
export type SnapshotRequest = { readonly snapshotId: string };
export type ListSnapshotsRequest = PageRequest & SnapshotRequest & { readonly sourceVolumeId: string };

export type CreateGroupRequest = { readonly name: string; readonly sourceVolumeIds: readonly string[] };
export type GroupRequest = { readonly groupSnapshotId: string; readonly snapshotIds: readonly string[] };

export type StageRequest = VolumeRequest & {
  readonly stagingTargetPath: string;
  readonly volumeCapability: VolumeCapability | null;
};
export type PublishRequest = StageRequest & { readonly targetPath: string; readonly readonly: boolean };
export type StatsRequest = VolumeRequest & { readonly volumePath: string };

/** A service's methods by their name in the .proto. Requests are as typed by each method; gRPC cannot know more. */
// biome-ignore lint/suspicious/noExplicitAny: the wire decides
export type Methods = Readonly<Record<string, (request: any) => Promise<object>>>;

/** The protobuf Timestamp of an ISO time. */
export function timestamp(iso: string): { seconds: number; nanos: number } {
  const ms = Date.parse(iso);
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 };
}
