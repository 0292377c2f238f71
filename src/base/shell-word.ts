/** One word for a shell: an s3:// address holds "?" and "&", and what comes from a cluster may hold anything. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
