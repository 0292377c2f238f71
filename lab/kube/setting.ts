/** A required environment variable. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(`the environment variable ${name} is not set; the lab sets it when it starts this process`);
  return value;
}
