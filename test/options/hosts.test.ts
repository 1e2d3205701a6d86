// Hosts that the environment allows, from the variables to the gate.
import { test } from 'tap'
import { createGate } from '../../lib/broadcast/gate.js'
import { workspaceHosts } from '../../lib/options/hosts.js'
import { parseOptions } from '../../lib/options/parse.js'

/** What the gate says to each host in this environment. */
function ask (env: NodeJS.ProcessEnv, hosts: readonly string[], options = {}): Record<string, boolean> {
  const gate = createGate({ ...parseOptions(options, '/project', env).security, token: '' })
  return Object.fromEntries(hosts.map(host => [host, gate.host({ headers: { host }, rawHeaders: ['Host', host], url: '/' }).ok]))
}

const WORKSPACES: Record<string, { readonly env: NodeJS.ProcessEnv, readonly yes: string[], readonly no: string[] }> = {
  Codespaces: {
    env: { CODESPACES: 'true', CODESPACE_NAME: 'Octocat-literate-mld5', GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN: 'app.github.dev' },
    yes: ['octocat-literate-mld5-3000.app.github.dev', 'octocat-literate-mld5-8.app.github.dev:443'],
    no: ['other-3000.app.github.dev', 'octocat-literate-mld5-.app.github.dev', 'octocat-literate-mld5-3000.evil.test', 'octocat-literate-mld5-3000.evil.app.github.dev', 'octocat-literate-mld5-123456.app.github.dev', 'app.github.dev']
  },
  Gitpod: {
    env: { GITPOD_WORKSPACE_URL: 'https://acme-shop-4f2.ws-eu117.gitpod.io' },
    yes: ['3000-acme-shop-4f2.ws-eu117.gitpod.io'],
    no: ['3000-other.ws-eu117.gitpod.io', 'x-acme-shop-4f2.ws-eu117.gitpod.io', 'acme-shop-4f2.ws-eu117.gitpod.io']
  },
  CodeSandbox: { env: { CODESANDBOX_HOST: 'abc123-$PORT.csb.app' }, yes: ['abc123-3000.csb.app'], no: ['abc124-3000.csb.app', 'abc123-$PORT.csb.app'] },
  Coder: { env: { VSCODE_PROXY_URI: 'https://{{port}}--main--shop--ann.coder.acme.test' }, yes: ['3000--main--shop--ann.coder.acme.test'], no: ['3000--main--shop--bob.coder.acme.test'] },
  'code-server, below a path': { env: { VSCODE_PROXY_URI: 'https://ws7.code.acme.test:8443/proxy/{{port}}/' }, yes: ['ws7.code.acme.test'], no: ['ws8.code.acme.test'] },
  'code-server, without a domain': { env: { VSCODE_PROXY_URI: './proxy/{{port}}' }, yes: ['localhost'], no: ['.', 'proxy', 'evil.test'] },
  Replit: { env: { REPLIT_DEV_DOMAIN: '1f2e-00-abc.kirk.replit.dev' }, yes: ['1f2e-00-abc.kirk.replit.dev:3001'], no: ['other.kirk.replit.dev', 'a.1f2e-00-abc.kirk.replit.dev'] },
  'half of the variables': { env: { CODESPACE_NAME: 'a' }, yes: [], no: ['a-3000.app.github.dev', 'a-3000.undefined'] },
  'variables with nonsense in them': {
    env: { CODESPACE_NAME: '*', GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN: '', GITPOD_WORKSPACE_URL: 'not a url', CODESANDBOX_HOST: '$PORT', VSCODE_PROXY_URI: '{{port}}', REPLIT_DEV_DOMAIN: '*' },
    yes: ['127.0.0.1'],
    no: ['3000', 'evil.test', '3000-not']
  }
}

for (const [name, { env, yes, no }] of Object.entries(WORKSPACES)) {
  test(name, t => {
    const said = ask(env, [...yes, ...no])
    t.strictSame(yes.filter(host => !said[host]), [], 'are allowed')
    t.strictSame(no.filter(host => said[host]), [], 'are not')
    t.end()
  })
}

test('StackBlitz, where nothing else can connect', t => {
  t.strictSame(workspaceHosts({}, { webcontainer: '1.5.0' }), ['.webcontainer.io', '.webcontainer-api.io'])
  t.strictSame(workspaceHosts({}), [], 'and nothing without one')
  t.end()
})

test('LIVE_RELOAD_ALLOWED_HOSTS adds to the option, and what is no host is left out and kept for a warning', t => {
  const env = { LIVE_RELOAD_ALLOWED_HOSTS: ' Shop.Test, .ngrok-free.app,,https://a.test , *, b.test:80' }
  t.strictSame(ask(env, ['shop.test', 'x.ngrok-free.app', 'dev.test', 'a.test', 'b.test'], { security: { allowedHosts: 'dev.test' } }), { 'shop.test': true, 'x.ngrok-free.app': true, 'dev.test': true, 'a.test': false, 'b.test': false })
  t.strictSame(parseOptions({}, '/project', env).security.unusableHosts, ['https://a.test', '*', 'b.test:80'])
  t.end()
})
