const EVERY_MS = 2

/**
 * Resolves once `holds`, looking again and again. Where test and engine share plain data they wait for each other like this: in
 * workerd each object has its own context, and whoever awaits a promise that another one resolves goes on in the wrong one.
 */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
}
