// A view transition that runs is not cut: the reload comes after it.

/** Milliseconds: one that takes longer is no transition. */
const LONGEST = 2000

export async function endTransitions (): Promise<void> {
  const running = document.getAnimations().filter(({ effect }) => (effect as KeyframeEffect | null)?.pseudoElement?.startsWith('::view-transition'))
  await Promise.race([Promise.allSettled(running.map(({ finished }) => finished)), new Promise(resolve => { setTimeout(resolve, LONGEST) })])
}
