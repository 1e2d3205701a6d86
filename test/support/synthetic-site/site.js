// The options of `sharded()` for a synthetic site that is on disk.
import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { isIncluding, numberOf } from './write.js'

export const shard = new URL('./shard.js', import.meta.url)

/** Pages are what lies below `content` now: a file that is added, renamed or deleted is another page. */
export function syntheticSite (dir, { formats = ['html'] } = {}) {
  return {
    shard,
    async pages () {
      const names = await readdir(join(dir, 'content'), { recursive: true })
      return names.filter(name => name.endsWith('.md')).map(name => toPage(dir, name.split(sep).join('/'), formats))
    },
    // The names of sections and versions only: a new page changes neither.
    globals: pages => ({
      versions: [...new Set(pages.map(({ version }) => version))].sort(),
      sections: [...new Set(pages.map(({ section }) => section))].sort()
    })
  }
}

function toPage (dir, id, formats) {
  const [version, section, name] = id.split('/')
  const number = numberOf(name)
  return {
    id,
    file: join(dir, 'content', id),
    deps: isIncluding(number) ? [join(dir, 'includes', `${section}.md`)] : [],
    version,
    section: `${version}/${section}`,
    kind: name.startsWith('api-') ? 'api' : 'content',
    weight: number % 20 === 7 ? 7 : 1,
    data: { includes: join(dir, 'includes') },
    outputs: formats.map(format => id.replace(/md$/, format))
  }
}
