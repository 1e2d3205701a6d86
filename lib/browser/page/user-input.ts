// Tells input of the user from values that the page has set itself, and knows the fields that have been passwords.

/** Value of a field after the page had loaded. */
export type InitialValue = readonly [element: HTMLInputElement, value: string, checked: boolean]

export interface UserInput {
  /** Elements that the user types into. */
  readonly typed: Set<EventTarget>
  /** Fields that were passwords when they got their value. Pages show passwords by another type. */
  readonly secrets: Set<EventTarget>
  /** Values after the page has loaded: what its scripts have set by then is no input. */
  readonly initialValues: InitialValue[]
}

export function noteInput ({ typed, secrets }: UserInput, event: Event): void {
  const [element] = event.composedPath() as [HTMLInputElement]
  if (element.type === 'password') secrets.add(element)
  if (event.isTrusted) typed.add(element)
}

/** The user typed into something that is still there. */
export function isTypedInto ({ typed }: UserInput): boolean {
  return [...typed].some(element => (element as Element).isConnected)
}

/** Notes the fields among the elements, and in their open shadow trees. */
export function noteFields (input: UserInput, elements: NodeListOf<Element>): void {
  for (const element of elements as NodeListOf<HTMLInputElement>) {
    const { value, checked, type, shadowRoot } = element
    // A form field may be named `matches`.
    if (Element.prototype.matches.call(element, 'input,textarea,select,[open]')) input.initialValues.push([element, value, checked])
    if (type === 'password') input.secrets.add(element)
    if (shadowRoot) noteFields(input, shadowRoot.querySelectorAll('*'))
  }
}
