// A view transition that runs is not cut: the reload comes after it.

/** Milliseconds: one that takes longer is no transition. */
const LONGEST = 2000

export async function endTransitions (): Promise<void> {
  const { activeViewTransition } = document as Document & { readonly activeViewTransition?: { readonly finished: Promise<unknown> } | null }
  const running = document.getAnimations().filter(({ effect }) => (effect as KeyframeEffect | null)?.pseudoElement?.startsWith('::view-transition'))
  // Where the browser does not tell, its animations do, once they have begun.
  await Promise.race([Promise.allSettled([activeViewTransition, ...running].map(one => one?.finished)), new Promise(resolve => { setTimeout(resolve, LONGEST) })])
}
