// The search of the page. The index is in fragments, which are loaded when the field is first used.
import MiniSearch from './minisearch.js'

const MAX_RESULTS = 8
const field = document.querySelector('.search input')
const list = document.querySelector('#results')
let loading

/** The indexes of all fragments. A failure is tried again with the next letter. */
function load () {
  loading ??= loadFragments().catch(error => {
    loading = undefined
    throw error
  })
  return loading
}

async function loadFragments () {
  const get = async name => {
    const response = await fetch(`/search/${name}`)
    if (!response.ok) throw new Error(`${name}: ${response.status}`)
    return response
  }
  const { fragments, options } = await (await get('index.json')).json()
  return Promise.all(fragments.map(async name => MiniSearch.loadJSON(await (await get(name)).text(), options)))
}

/** The best pages of all fragments. */
export async function find (words) {
  const indexes = await load()
  return indexes
    .flatMap(index => index.search(words, { prefix: true, fuzzy: term => term.length > 5 ? 0.2 : 0, boost: { title: 4 }, combineWith: 'AND' }))
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_RESULTS)
}

async function show () {
  const words = field.value.trim()
  const found = words === '' ? [] : await find(words).catch(() => undefined)
  // Something else has been typed meanwhile.
  if (field.value.trim() !== words) return
  list.hidden = words === ''
  list.replaceChildren(...found === undefined ? [note('The index cannot be loaded.')] : found.length === 0 ? [note('Nothing found.')] : found.map(toItem))
}

function toItem ({ id, title, excerpt }) {
  const link = document.createElement('a')
  link.href = id
  link.append(Object.assign(document.createElement('b'), { textContent: title }), Object.assign(document.createElement('small'), { textContent: excerpt }))
  const item = document.createElement('li')
  item.append(link)
  return item
}

const note = text => Object.assign(document.createElement('li'), { textContent: text })

field.addEventListener('focus', () => { load().catch(() => {}) })
field.addEventListener('input', show)
document.addEventListener('click', event => { if (!event.target.closest('.search')) list.hidden = true })
document.addEventListener('keydown', event => {
  const isTyping = event.target.closest('input, textarea, [contenteditable]')
  if (event.key === '/' && !isTyping) {
    event.preventDefault()
    field.focus()
  } else if (event.key === 'Escape') {
    list.hidden = true
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const stops = [field, ...list.querySelectorAll('a')]
    const next = stops[stops.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1)]
    if (list.hidden || !stops.includes(document.activeElement) || next === undefined) return
    event.preventDefault()
    next.focus()
  }
})
