// The hot plugins on the status page, with buttons for each.
import type { StatusMessage } from '../../../types/status-page.js'
import { make } from '../page/dom.js'
import { count } from './format.js'

type Plugins = NonNullable<StatusMessage['plugins']>
type Plugin = Plugins['list'][number]

/** `post` sends what a button asks for. */
export function plugins ({ list, watching }: Plugins, post: (body: object) => void): Node[] {
  return [
    make('div', { class: 'top' }, make('h2', {}, 'Plugins'), make('span', { class: 'note' }, watching ? count(list.length, 'plugin') : 'changes are not watched'),
      button(watching ? 'Stop watching' : 'Watch', () => post({ action: 'plugins', watch: !watching }))),
    make('ul', {}, ...list.map(plugin => row(plugin, post)))
  ]
}

function row ({ name, title, version, enabled, serving, failed, routes }: Plugin, post: (body: object) => void): HTMLElement {
  const [kind, text] = !enabled ? ['', 'off'] : failed ? ['bad', serving ? `failed, v${version} serves` : 'failed'] : ['good', `v${version}`]
  const act = (what: string) => () => post({ action: 'plugin', plugin: name, do: what })
  return make('li', { class: 'row' },
    make('span', { class: 'name' }, title ?? name),
    make('span', { class: 'ms' }, count(routes, 'route')),
    make('span', { class: `pill ${kind}` }, text),
    ...enabled ? [button('Reload', act('reload'), `Reload ${name}`)] : [],
    button(enabled ? 'Off' : 'On', act(enabled ? 'disable' : 'enable'), `Turn ${name} ${enabled ? 'off' : 'on'}`))
}

function button (text: string, act: () => void, label = text): HTMLElement {
  const element = make('button', { type: 'button', 'aria-label': label }, text)
  element.addEventListener('click', act)
  return element
}
