// How a page looks: at a desk and on phones, light and dark. `SHOTS=directory` keeps the pictures.
import type { Page } from 'playwright-core'
import type { Test } from 'tap'

const SCREENS = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 }, small: { width: 320, height: 568 } }
/** Of WCAG, level AA. Large: from 24 pixels on, or 18.66 in bold. */
const ENOUGH = { text: 4.5, large: 3 }

/** Nothing is wider than the screen, and all text stands out from its ground. Leaves the page on a small phone, dark. */
export async function looks (t: Test, tab: Page, name: string): Promise<void> {
  for (const [screen, size] of Object.entries(SCREENS)) {
    await tab.setViewportSize(size)
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      if (process.env.SHOTS) await tab.screenshot({ path: `${process.env.SHOTS}/${name}-${screen}-${colorScheme}.png`, fullPage: true })
      t.equal(await tab.evaluate('document.documentElement.scrollWidth'), size.width, `${name}, ${screen}: nothing is wider than the screen`)
      t.strictSame(await tab.evaluate(findFaint, ENOUGH), [], `${name}, ${screen}, ${colorScheme}: enough contrast`)
    }
  }
}

// Runs in the page.
function findFaint (enough: typeof ENOUGH): string[] {
  type Color = readonly [number, number, number, number]
  const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D
  const read = (color: string): Color => {
    pen.clearRect(0, 0, 1, 1)
    pen.fillStyle = color
    pen.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0, alpha = 0] = pen.getImageData(0, 0, 1, 1).data
    return [red, green, blue, alpha / 255]
  }
  const over = ([r, g, b, a]: Color, [red, green, blue]: Color): Color => [r * a + red * (1 - a), g * a + green * (1 - a), b * a + blue * (1 - a), 1]
  const light = ([red, green, blue]: Color) => [red, green, blue].map(value => {
    const part = value / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }).reduce((sum, part, i) => sum + part * ([0.2126, 0.7152, 0.0722][i] ?? 0), 0)
  const behind = (element: Element | null): Color => {
    if (element === null) return [255, 255, 255, 1]
    const color = read(getComputedStyle(element).backgroundColor)
    return color[3] === 1 ? color : over(color, behind(element.parentElement))
  }
  const faint = new Set<string>()
  for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
    const said = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '')
    // What can not be pressed has to be no more than seen.
    if (!said || !element.checkVisibility() || element.matches(':disabled')) continue
    const { color, fontSize, fontWeight } = getComputedStyle(element)
    const ground = behind(element)
    const [darker = 0, lighter = 0] = [light(ground), light(over(read(color), ground))].sort((a, b) => a - b)
    const contrast = (lighter + 0.05) / (darker + 0.05)
    const size = parseFloat(fontSize)
    const large = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700)
    if (contrast < (large ? enough.large : enough.text)) faint.add(`${element.className || element.tagName} ${color} ${contrast.toFixed(2)}`)
  }
  return [...faint]
}
