// Asks the health route which process answers.

const HEALTH_TIMEOUT_MS = 5000

let warned: number | undefined

/** Resolves with the epoch of the process, or with `undefined` when no server of ours answers. A server that answers 429 is left alone for as long as it asks for. */
export async function fetchEpoch (base: string): Promise<string | undefined> {
  try {
    const response = await fetch(new URL('health', base), { cache: 'no-store', signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) })
    const { status, redirected, url, headers } = response
    // A guard or a rate limit of the app is in the way of our routes.
    if (status !== warned && (redirected || (status > 399 && status < 500))) console.warn(`[live-reload] ${url} answers ${warned = status}`)
    if (status === 429) await new Promise(resolve => { setTimeout(resolve, 1000 * (+headers.get('retry-after')! || 1)) })
    return (await response.json()).epoch
  } catch {}
}
