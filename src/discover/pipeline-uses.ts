import { refOf } from "../flow/object.ts";
import type { PipelineRows } from "../flow/rows.ts";
import { connectionFor, parseS3Uri, useOf } from "../profiles/connection.ts";
import { kinds } from "../profiles/kinds.ts";
import type { ObjectSet } from "../profiles/object-set.ts";
import type { BucketUse } from "../profiles/profile.ts";

/** What of buckets the artifacts lie in, as one part of each: its files are as many as the runs. */
export function usesOfRuns(all: ObjectSet, found: readonly PipelineRows[]): readonly BucketUse[] {
  return found.flatMap(({ database, runs }) => {
    const [namespace = "", name = ""] = database.split("/");
    const pod = all.get({ ...kinds.pod, namespace, name });
    const parts = runs.flatMap((run) => run.artifacts.flatMap(({ uri }) => parseS3Uri(uri) ?? []));
    if (!pod) return [];
    return [...Map.groupBy(parts, ({ bucket }) => bucket)].map(([bucket, own]): BucketUse => {
      const prefix = commonDirectory(own.map((one) => one.prefix));
      const because = `artifacts of pipeline runs lie here, by the rows of database ${database}`;
      const connection = connectionFor(bucket, namespace, all);
      if (connection) return useOf(pod, connection, bucket, prefix, because, all);
      return { bucket, prefix, because, by: refOf(pod) };
    });
  });
}

/** "a/b/" of "a/b/c" and "a/b/d"; "" where they have nothing in common. */
export function commonDirectory(keys: readonly string[]): string {
  const [first = "", ...others] = keys;
  let length = first.length;
  for (const key of others) while (!key.startsWith(first.slice(0, length))) length--;
  return first.slice(0, first.lastIndexOf("/", length - 1) + 1);
}
