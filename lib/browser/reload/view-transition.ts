// Waits for a running view transition, so that a reload does not cut it.

/** No transition takes longer. */
const MAX_WAIT_MS = 2000

export async function endTransitions (): Promise<void> {
  const { activeViewTransition } = document as Document & { readonly activeViewTransition?: { readonly finished: Promise<unknown> } | null }
  await Promise.race([activeViewTransition?.finished.catch(() => {}), new Promise(resolve => { setTimeout(resolve, MAX_WAIT_MS) })])
}
