// Waits for a running view transition, so that a reload does not cut it.

/** No transition takes longer. */
const MAX_WAIT_MS = 2000

export async function endTransitions (): Promise<void> {
  const { activeViewTransition } = document as Document & { readonly activeViewTransition?: { readonly finished: Promise<unknown> } | null }
  // For browsers without `activeViewTransition`: the animations of the transition, once they have begun.
  const running = document.getAnimations().filter(({ effect }) => (effect as KeyframeEffect | null)?.pseudoElement?.startsWith('::view-transition'))
  await Promise.race([Promise.allSettled([activeViewTransition, ...running].map(one => one?.finished)), new Promise(resolve => { setTimeout(resolve, MAX_WAIT_MS) })])
}
