import { palette, type Swatch } from './palette.js'

const form = document.querySelector('form') as HTMLFormElement
const list = document.querySelector('#swatches') as HTMLOListElement
const said = document.querySelector('#said') as HTMLElement

function show ({ step, color, ink }: Swatch): HTMLLIElement {
  const item = document.createElement('li')
  const button = document.createElement('button')
  button.type = 'button'
  button.style.background = color
  button.style.color = ink
  button.append(String(step), Object.assign(document.createElement('code'), { textContent: color }))
  button.addEventListener('click', () => copy(color))
  item.append(button)
  return item
}

async function copy (color: string): Promise<void> {
  await navigator.clipboard.writeText(color)
  said.textContent = `${color} is copied.`
}

function draw (): void {
  const { hue, chroma } = Object.fromEntries(new FormData(form)) as { hue: string, chroma: string }
  for (const [name, text] of [['hue-value', `${hue}°`], ['chroma-value', chroma]] as const) {
    (form.elements.namedItem(name) as HTMLOutputElement).value = text
  }
  document.documentElement.style.setProperty('--hue', hue)
  list.replaceChildren(...palette(Number(hue), Number(chroma)).map(show))
}

form.addEventListener('input', draw)
draw()
