import { formatBytes } from "../../base/sizes.ts";
import type { Report } from "./report.ts";
import { protectedPart, readings, savedText, sizeText } from "./words.ts";

export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  /** Not more than a person looks through; `count` is how many there are. */
  readonly rows: readonly (readonly string[])[];
  readonly count: number;
}

const most = 60;

/** What is here, the same for the terminal and the page; kinds of which there is nothing are left out. */
export function tablesOf(report: Report): readonly Table[] {
  const { takenAt, jobs } = report;
  const tables: readonly Omit<Table, "count">[] = [
    {
      title: "Endpoints",
      header: ["NAME", "FORMAT", "RUNTIME", "WEIGHTS", "STATE"],
      rows: report.endpoints.map((one) => [one.name, one.format, one.runtime, one.weights, one.state]),
    },
    {
      title: "Model registries",
      header: ["NAME", "DATABASE", "STATE"],
      rows: report.registries.map((one) => [one.name, one.database, one.state]),
    },
    {
      title: "Pipeline servers",
      header: ["NAME", "STATE"],
      rows: report.pipelines.map((one) => [one.name, one.state]),
    },
    {
      title: "Workbenches",
      header: ["NAME", "VOLUMES", "STATE"],
      rows: report.workbenches.map((one) => [one.name, one.volumes.join(", "), one.state]),
    },
    {
      title: "Unfinished jobs",
      header: ["NAME", "KIND", "STATE"],
      rows: [
        ...jobs.unfinished.map((one) => [one.name, one.kind, one.state]),
        ...(jobs.more > 0 ? [[`and ${jobs.more} more`, "", ""]] : []),
      ],
    },
    {
      title: "Databases",
      header: ["POD", "ENGINE", "DATABASES", "HELD BY", "VOLUMES", "LAST SAVED"],
      rows: report.databases.map((one) => [
        one.id,
        one.engine,
        one.databases.join(", "),
        one.hold,
        one.volumes.join(", "),
        savedText(one, takenAt),
      ]),
    },
    {
      title: "Volumes",
      header: ["CLAIM", "SIZE", "CLASS", "READ BY", "USED BY", "LAST SAVED"],
      rows: report.volumes.map((one) => [
        one.id,
        formatBytes(one.size),
        one.storageClass,
        readings[one.reading],
        one.usedBy,
        savedText(one, takenAt),
      ]),
    },
    {
      title: "Buckets",
      header: ["BUCKET", "CLAIM", "PROTECTED", "SIZE", "LAST SAVED"],
      rows: report.buckets.map((one) => [
        one.id,
        one.claim,
        protectedPart(one.prefixes),
        sizeText(one.size),
        savedText(one, takenAt),
      ]),
    },
  ];
  return tables.filter((one) => one.rows.length > 0).map(limited);
}

function limited({ title, header, rows }: Omit<Table, "count">): Table {
  const more = rows.length > most ? [[`and ${rows.length - most} more: -o json`]] : [];
  return { title, header, rows: [...rows.slice(0, most), ...more], count: rows.length };
}

/** What happens to the API objects at a restore, in a sentence. */
export function objectsLine({ objects }: Report): string {
  return `Objects: ${objects.total} of ${objects.kinds} kinds; ${objects.restored} come back from a restore, ${objects.leftToControllers} are made again by controllers or the platform; ${objects.clusterScoped} cluster-scoped ones beside them`;
}
