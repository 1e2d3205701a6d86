// A registry of npm on this machine: the packages that this project has installed, and the project itself as it would be packed. npm installs from it without a network.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporary } from './folder.js'

interface Entry { readonly name?: string, readonly version: string, readonly resolved?: string, readonly integrity?: string, readonly link?: boolean }

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)
const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))

/**
 * Gives settings of npm for an install from it: `env` of a child process.
 * @param upstream The registry that has all other packages: then this one has the project alone.
 */
export async function startRegistry (after: (fn: () => unknown) => void, upstream?: string): Promise<Record<string, string>> {
  const { name: own, version, files, ...manifest } = read('package.json')
  /** Directories by package and version. */
  const packages = new Map<string, Map<string, { path: string, manifest: object }>>()
  const add = (name: string, path: string, version: string, manifest: object) => {
    packages.set(name, (packages.get(name) ?? new Map()).set(version, { path, manifest }))
  }
  add(own, '.', version, manifest)
  for (const [path, { resolved, integrity, ...entry }] of upstream === undefined ? Object.entries(read('package-lock.json').packages as Record<string, Entry>) : []) {
    if (path !== '' && existsSync(join(ROOT, path, 'package.json'))) add(entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 13), path, entry.version, entry)
  }

  const server = createServer((request, response) => {
    const [name = '', version] = decodeURIComponent((request.url ?? '').slice(1)).split('/-/')
    const versions = packages.get(name)
    if (versions === undefined && upstream !== undefined) response.writeHead(302, { location: new URL(request.url as string, upstream).href }).end()
    else if (versions === undefined) response.writeHead(404).end('{}')
    else if (version === undefined) response.end(JSON.stringify(document(name, versions)))
    else pack(versions.get(version.replace(/\.tgz$/, ''))?.path as string, response).catch(error => response.destroy(error))
  })
  const document = (name: string, versions: ReadonlyMap<string, { manifest: object }>) => ({
    name,
    'dist-tags': { latest: [...versions.keys()][0] },
    versions: Object.fromEntries([...versions].map(([version, { manifest }]) => [version, { ...manifest, name, version, dist: { tarball: `${url}/${name}/-/${version}.tgz` } }]))
  })
  const pack = async (path: string, response: ServerResponse) => {
    const parts = path === '.'
      ? ['--transform', 's,^,package/,', '-C', ROOT, 'package.json', ...(files as string[]).filter(one => existsSync(join(ROOT, one)))]
      : ['-C', dirname(join(ROOT, path)), '--exclude', `${basename(path)}/node_modules`, basename(path)]
    const { stdout } = await run('tar', ['-c', '--use-compress-program=gzip -1', ...parts], { encoding: 'buffer', maxBuffer: 1e9 })
    response.end(stdout)
  }

  server.listen(0, '127.0.0.1')
  await once(server.unref(), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  // A cache of its own: npm trusts what it has cached of a version.
  return { npm_config_registry: url, npm_config_cache: temporary(fn => after(fn)), npm_config_update_notifier: 'false' }
}
