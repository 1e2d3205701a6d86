// Hosts that the environment allows: those of whoever starts the app, and those by which workspaces in the cloud forward its ports.
import { matching } from './check.js'

export const isHost = matching(/^\.?[\w-]+(\.[\w-]+)*$/)

/** A forwarded host. `*` stands for the number of the port. */
const isForwarded = matching(/^\.?[\w*-]+(\.[\w*-]+)+$/)

/** In a WebContainer nothing but the tab that runs it can connect. */
const WEB_CONTAINER = ['.webcontainer.io', '.webcontainer-api.io']

/** `LIVE_RELOAD_ALLOWED_HOSTS`, separated by commas, in lower case. A bad value is no reason to stop an app that somebody else wrote. */
export function namedHosts ({ LIVE_RELOAD_ALLOWED_HOSTS: named = '' }: NodeJS.ProcessEnv): { readonly hosts: string[], readonly bad: string[] } {
  const all = named.split(',').map(host => host.trim()).filter(host => host !== '')
  return { hosts: all.filter(isHost).map(host => host.toLowerCase()), bad: all.filter(host => !isHost(host)) }
}

/** Codespaces, Gitpod, CodeSandbox, Coder and code-server, Replit, StackBlitz. */
export function workspaceHosts (env: NodeJS.ProcessEnv, versions: Readonly<Record<string, string | undefined>> = process.versions): string[] {
  const { CODESPACE_NAME: codespace, GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN: domain, GITPOD_WORKSPACE_URL: gitpod } = env
  const hosts = [
    codespace && domain && `${codespace}-*.${domain}`,
    gitpod && `*-${hostOf(gitpod)}`,
    env.CODESANDBOX_HOST && hostOf(env.CODESANDBOX_HOST.replace('$PORT', '*')),
    env.VSCODE_PROXY_URI && hostOf(env.VSCODE_PROXY_URI.replace('{{port}}', '*')),
    env.REPLIT_DEV_DOMAIN,
    ...versions.webcontainer === undefined ? [] : WEB_CONTAINER
  ]
  return hosts.filter(isForwarded).map(host => host.toLowerCase())
}

function hostOf (url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/[/:].*/, '')
}
