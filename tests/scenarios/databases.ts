import { createConnection } from "mysql2/promise";
import { getJson } from "../../lab/demo/kubectl.ts";
import { decoded } from "../../lab/platform/base64.ts";
import { appNamespace, databaseName, pipelineServerName, registriesNamespace } from "../../lab/platform/settings.ts";
import { namespaceIn, podAddress, type Where } from "../../lab/platform/where.ts";
import type { Session } from "../fixtures/write-load.ts";

/** The databases behind the registry and the pipeline server, entered as those do. */
const known = {
  registry: {
    namespace: registriesNamespace,
    secret: databaseName,
    labels: `app=${databaseName}`,
    login: (secret: Record<string, string>) => ({
      user: secret["database-user"],
      password: secret["database-password"],
      database: secret["database-name"],
    }),
  },
  pipelines: {
    namespace: appNamespace,
    secret: `ds-pipeline-db-${pipelineServerName}`,
    labels: `app=mariadb-${pipelineServerName}`,
    login: ({ password }: Record<string, string>) => ({ user: "mlpipeline", password, database: "mlpipeline" }),
  },
};

export type DatabaseOf = keyof typeof known;
export const databasesOf = Object.keys(known) as DatabaseOf[];

export async function openDatabase(of: DatabaseOf, where: Where = {}): Promise<Session> {
  const { namespace, secret, labels, login } = known[of];
  const { data } = await getJson("secret", secret, "-n", namespaceIn(where, namespace));
  const host = await podAddress(where, namespace, labels);
  const connection = await createConnection({ host, ...login(decoded(data)), connectTimeout: 15_000 });
  return {
    query: async (sql) => (await connection.query(sql))[0] as Record<string, any>[],
    end: () => connection.end(),
  };
}
