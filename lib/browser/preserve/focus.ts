// What has the focus, and where the caret is.
import { isSecret } from './fields.js'
import type { Keeper } from './keeper.js'

/** Numbers of children, from the element down, and the offset in the last. */
type Point = readonly number[]
interface Focus {
  readonly range?: readonly [number, number, 'forward' | 'backward' | 'none']
  readonly points?: readonly [anchor: Point, focus: Point]
}

/** The focused element, in open shadow trees as well. */
function focused (): Element | null {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element
}

const isText = (element: Element): element is HTMLInputElement | HTMLTextAreaElement => element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement

function pointOf (element: Element, node: Node | null, offset: number): Point | undefined {
  const point = [offset]
  for (; node && node !== element; node = node.parentNode) point.unshift([...node.parentNode?.childNodes ?? []].indexOf(node as ChildNode))
  return node ? point : undefined
}

function nodeAt (element: Element, point: Point): [Node, number] {
  let node: Node = element
  for (const number of point.slice(0, -1)) node = node.childNodes[number] ?? node
  return [node, Math.min(point.at(-1) ?? 0, node instanceof Text ? node.length : node.childNodes.length)]
}

export const focus: Keeper<HTMLElement, Focus> = {
  of: '*',
  take (element) {
    if (element !== focused() || element.localName === 'body') return undefined
    if (isText(element)) {
      const { selectionStart, selectionEnd, selectionDirection } = element
      return selectionStart === null || selectionEnd === null || isSecret(element) ? {} : { range: [selectionStart, selectionEnd, selectionDirection ?? 'none'] }
    }
    const selection = getSelection()
    const anchor = selection && pointOf(element, selection.anchorNode, selection.anchorOffset)
    const end = selection && pointOf(element, selection.focusNode, selection.focusOffset)
    return anchor && end ? { points: [anchor, end] } : {}
  },
  put (element, { range, points }) {
    element.focus({ preventScroll: true })
    // Not yet to be focused: hidden, disabled, in a dialog that is still closed.
    if (focused() !== element) return false
    if (range && isText(element)) element.setSelectionRange(...range)
    if (points && element.isContentEditable) getSelection()?.setBaseAndExtent(...nodeAt(element, points[0]), ...nodeAt(element, points[1]))
    return true
  }
}
