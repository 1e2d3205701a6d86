// Rendezvous hashing: each name goes to the place that scores highest for it, so a place more moves only the names that go there.

/** FNV-1a over UTF-16 units. */
function hashOf (text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** The text is hashed once; its score at a place is a mix of integers (the finalizer of MurmurHash3). */
export function placeOf (text: string, places: number): number {
  const hash = hashOf(text)
  let best = 0
  let bestScore = -1
  for (let place = 0; place < places; place++) {
    let score = hash ^ Math.imul(place + 1, 0x9e3779b1)
    score = Math.imul(score ^ (score >>> 16), 0x85ebca6b)
    score = Math.imul(score ^ (score >>> 13), 0xc2b2ae35)
    score = (score ^ (score >>> 16)) >>> 0
    if (score > bestScore) [best, bestScore] = [place, score]
  }
  return best
}
