/** One S3 server, as `lab.json` names it. */
export interface S3Endpoint {
  /** For example http://10.199.0.1:9000 */
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}
