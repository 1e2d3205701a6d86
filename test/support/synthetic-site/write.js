// Writes the sources of a synthetic site: Markdown with front matter, the same bytes for the same options on every machine.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const WORDS = 'access address after almost answer begin between browser buffer build cache change channel choose client close code connect content count create default deliver depend describe detail directory document edit element empty event every example expect fail field file find first follow format give group handle header hold index keep language large learn leave length level limit line link list listen load local machine make many mark measure memory message method module name need next number object offer open option order output package page part pass path place plain point print process promise read reason record render reply report request result return route run save search section send server shard share show simple size source stage start state step stop store stream style table tag test text time title type update value version wait watch way work write'.split(' ')
const TOPICS = ['Basics', 'Caching', 'Deployment', 'Errors', 'Hooks', 'Internals', 'Logging', 'Migration', 'Plugins', 'Performance', 'Routing', 'Security', 'Testing', 'TypeScript', 'Validation', 'Workers']
const HEAVY_PARTS = 14

/** @type {(options?: import('./write.js').SyntheticOptions) => Required<import('./write.js').SyntheticOptions>} */
const complete = ({ pages = 500, versions = ['v1', 'v2', 'latest'], sections = 8, seed = 1 } = {}) => ({ pages, versions, sections, seed })

/** Writes `content/<version>/<section>/<kind>-<number>.md` and `includes/<section>.md`. Gives the paths of the pages, relative to `dir`. */
export function writeSite (dir, options) {
  const { pages, versions, sections, seed } = complete(options)
  const places = versions.flatMap(version => Array.from({ length: sections }, (_, i) => ({ version, section: `section-${i}`, paths: [] })))
  for (let n = 0; n < pages; n++) places[n % places.length].paths.push(`${n % 3 === 0 ? 'api' : 'content'}-${n}.md`)
  mkdirSync(join(dir, 'includes'), { recursive: true })
  for (let i = 0; i < sections; i++) writeFileSync(join(dir, 'includes', `section-${i}.md`), includeText(seed, i))
  return places.flatMap(({ version, section, paths }, at) => {
    mkdirSync(join(dir, 'content', version, section), { recursive: true })
    return paths.map((name, i) => {
      const next = places[(at + 1) % sections + Math.floor(at / sections) * sections]
      // The next page of the section, and one of the next section.
      const links = [paths[(i + 1) % paths.length], next.paths.length === 0 ? name : `../${next.section}/${next.paths[i % next.paths.length]}`]
      writeFileSync(join(dir, 'content', version, section, name), pageText(seed, numberOf(name), section, links))
      return `content/${version}/${section}/${name}`
    })
  })
}

/** The text of a page. Every twentieth is heavy; every fourth includes the file of its section. */
export function pageText (seed, number, section, links) {
  const random = randomFrom(seed * 1_000_003 + number)
  const tags = [TOPICS[number % TOPICS.length], TOPICS[Math.floor(random() * TOPICS.length)], `Topic ${Math.floor(random() * 40)}`]
  const date = new Date(Date.UTC(2020, 0, 1) + Math.floor(random() * 2_000) * 86_400_000).toISOString().slice(0, 10)
  const parts = Array.from({ length: number % 20 === 7 ? HEAVY_PARTS : 2 }, (_, i) => partText(random, i))
  return `---
title: ${sentence(random, 3)} ${number}
date: ${date}
tags: ${[...new Set(tags)].join(', ')}
---

${paragraph(random)}

${isIncluding(number) ? `{{ include ${section}.md }}\n\n` : ''}${parts.join('\n')}
See [the next page](${links[0]}) and [another section](${links[1]}).
`
}

export const numberOf = path => Number(/-(\d+)\.md$/.exec(path)?.[1] ?? 0)

export const isIncluding = number => number % 4 === 0

const includeText = (seed, i) => `> ${paragraph(randomFrom(seed * 7_919 + i))}\n`

function partText (random, i) {
  const rows = Array.from({ length: 6 }, () => `| \`${word(random)}\` | ${word(random)} | ${sentence(random, 6)} |`)
  const code = Array.from({ length: 8 }, () => `const ${word(random)}${i} = await ${word(random)}('${word(random)}', { ${word(random)}: ${Math.floor(random() * 100)} })`)
  return `## ${sentence(random, 4)}

${paragraph(random)} **${sentence(random, 3)}** and \`${word(random)}()\`.

- ${sentence(random, 8)}
- ${sentence(random, 8)}

| name | type | meaning |
|---|---|---|
${rows.join('\n')}

\`\`\`js
${code.join('\n')}
\`\`\`
`
}

const word = random => WORDS[Math.floor(random() * WORDS.length)]

function sentence (random, length) {
  const words = Array.from({ length }, () => word(random)).join(' ')
  return words[0].toUpperCase() + words.slice(1)
}

const paragraph = random => Array.from({ length: 4 }, () => `${sentence(random, 12)}.`).join(' ')

/** Numbers from 0 to 1 that are the same for the same seed: mulberry32. */
function randomFrom (seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6D2B79F5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
