// A view transition that runs is not cut: the reload comes after it.

/** Milliseconds: one that takes longer is no transition. */
const LONGEST = 2000

export async function endTransitions (): Promise<void> {
  const { activeViewTransition } = document as Document & { readonly activeViewTransition?: { readonly finished: Promise<unknown> } | null }
  const running = document.getAnimations().filter(({ effect }) => effect instanceof KeyframeEffect && effect.pseudoElement?.startsWith('::view-transition'))
  // Where the browser does not tell, its animations do, once they have begun.
  const ends = [activeViewTransition, ...running].flatMap(one => one ? [one.finished] : [])
  if (ends.length === 0) return
  await Promise.race([Promise.allSettled(ends), new Promise(resolve => { setTimeout(resolve, LONGEST) })])
}
