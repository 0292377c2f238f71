/** The tables of Kubeflow Pipelines 2.14 as its models name them, as far as ids of objects lie in them, with rows of two recurring runs. */

/** Words that MariaDB and PostgreSQL have in common; "~" stands for the quotes of names. */
export function pipelineTables(dialect: "mysql" | "postgres"): readonly string[] {
  const long = dialect === "mysql" ? "longtext" : "text";
  const flag = dialect === "mysql" ? "tinyint(1)" : "boolean";
  const statements = [
    `CREATE TABLE ~experiments~ (~UUID~ varchar(191) PRIMARY KEY, ~Name~ varchar(128) NOT NULL, ~Namespace~ varchar(63) NOT NULL, UNIQUE (~Name~, ~Namespace~))`,
    `CREATE TABLE ~jobs~ (~UUID~ varchar(191) PRIMARY KEY, ~DisplayName~ varchar(191) NOT NULL, ~Name~ varchar(191) NOT NULL,
       ~Namespace~ varchar(191) NOT NULL, ~NoCatchup~ ${flag} NOT NULL, ~Enabled~ ${flag} NOT NULL, ~ExperimentUUID~ varchar(191) NOT NULL,
       ~WorkflowSpecManifest~ ${long} NOT NULL, ~Conditions~ varchar(191) NOT NULL)`,
    `CREATE TABLE ~run_details~ (~UUID~ varchar(191) PRIMARY KEY, ~Name~ varchar(191) NOT NULL, ~Namespace~ varchar(63) NOT NULL,
       ~ExperimentUUID~ varchar(64) NOT NULL, ~JobUUID~ varchar(191) DEFAULT NULL, ~PipelineRoot~ ${long}, ~WorkflowRuntimeManifest~ ${long} NOT NULL)`,
    `CREATE TABLE ~run_metrics~ (~RunUUID~ varchar(191) NOT NULL, ~NodeID~ varchar(191) NOT NULL, ~Name~ varchar(191) NOT NULL, ~Payload~ ${long} NOT NULL,
       PRIMARY KEY (~RunUUID~, ~NodeID~, ~Name~),
       CONSTRAINT ~run_metrics_RunUUID_run_details_UUID_foreign~ FOREIGN KEY (~RunUUID~) REFERENCES ~run_details~ (~UUID~) ON DELETE CASCADE ON UPDATE CASCADE)`,
    `CREATE TABLE ~resource_references~ (~ResourceUUID~ varchar(191) NOT NULL, ~ResourceType~ varchar(191) NOT NULL, ~ReferenceUUID~ varchar(191) NOT NULL,
       ~ReferenceName~ varchar(191) NOT NULL, ~ReferenceType~ varchar(191) NOT NULL, ~Relationship~ varchar(191) NOT NULL, ~Payload~ ${long} NOT NULL,
       PRIMARY KEY (~ResourceUUID~, ~ResourceType~, ~ReferenceType~))`,
    `CREATE TABLE ~Artifact~ (~id~ int PRIMARY KEY, ~uri~ ${long})`,
    `INSERT INTO ~experiments~ VALUES ('e1', 'Default', 'old-ns')`,
    ...["u1", "u2"].flatMap((job) => [
      `INSERT INTO ~jobs~ VALUES ('${job}', '${job}', 'nightly-${job}', 'old-ns', FALSE, TRUE, 'e1', '', 'ENABLED')`,
      reference(job, "Job", "e1", "Experiment"),
      reference(job, "Job", "old-ns", "Namespace"),
      ...[1, 2].flatMap((number) => [
        `INSERT INTO ~run_details~ VALUES ('${job}-run${number}', 'r', 'old-ns', 'e1', '${job}', 's3://old-bucket/x', '{"uid":"${job}"}')`,
        `INSERT INTO ~run_metrics~ VALUES ('${job}-run${number}', 'n', 'accuracy', '')`,
        reference(`${job}-run${number}`, "Run", job, "Job"),
      ]),
    ]),
    `INSERT INTO ~Artifact~ VALUES (1, 's3://old-bucket/iris/model'), (2, 's3://other/iris')`,
  ];
  return statements.map((one) => one.replaceAll("~", dialect === "mysql" ? "`" : '"'));
}

function reference(resource: string, type: string, to: string, toType: string): string {
  const payload = JSON.stringify({
    ResourceUUID: resource,
    ResourceType: type,
    ReferenceUUID: to,
    ReferenceType: toType,
  });
  return `INSERT INTO ~resource_references~ VALUES ('${resource}', '${type}', '${to}', '', '${toType}', 'OWNER', '${payload}')`;
}

/** What ML metadata has of one run's artifact, without quotes, as it makes its tables. */
export const lineageTables: readonly string[] = [
  "CREATE TABLE Type (id int PRIMARY KEY, name varchar(255))",
  "CREATE TABLE Artifact (id int PRIMARY KEY, type_id int, uri text, state int, name varchar(255))",
  "CREATE TABLE Context (id int PRIMARY KEY, type_id int, name varchar(255))",
  "CREATE TABLE Attribution (id int PRIMARY KEY, context_id int, artifact_id int)",
  "INSERT INTO Type VALUES (1, 'system.PipelineRun'), (2, 'system.Model')",
  "INSERT INTO Artifact VALUES (1, 2, 's3://old-bucket/iris/model', 2, 'model')",
  "INSERT INTO Context VALUES (1, 1, 'u1-run1')",
  "INSERT INTO Attribution VALUES (1, 1, 1)",
];
