// Asks the health route which process answers.

const HEALTH_TIMEOUT_MS = 5000

/** Resolves with the epoch of the process, or with `undefined` when no server of ours answers. */
export async function fetchEpoch (base: string): Promise<string | undefined> {
  try {
    const response = await fetch(new URL('health', base), { cache: 'no-store', signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) })
    return (await response.json()).epoch
  } catch {}
}
