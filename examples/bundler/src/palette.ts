export interface Swatch {
  readonly step: number
  /** A CSS colour. */
  readonly color: string
  /** Text colour that is readable on `color`. */
  readonly ink: string
}

const steps: readonly [step: number, lightness: number][] = [
  [50, 0.975], [100, 0.945], [200, 0.89], [300, 0.82], [400, 0.74], [500, 0.65],
  [600, 0.56], [700, 0.48], [800, 0.4], [900, 0.32], [950, 0.24]
]

export function palette (hue: number, chroma: number): Swatch[] {
  return steps.map(([step, lightness]) => {
    // Very light and very dark steps have less chroma.
    const scaled = chroma * Math.sin(Math.PI * Math.min(0.97, lightness)) ** 0.5
    return {
      step,
      color: `oklch(${lightness} ${scaled.toFixed(3)} ${hue})`,
      ink: lightness > 0.6 ? `oklch(0.25 0.04 ${hue})` : `oklch(0.98 0.01 ${hue})`
    }
  })
}
