// Tags over all shards: a page for each, made in the second wave, and a warning for those that are written in two ways.
import { createHash } from 'node:crypto'
import type { DerivedPages, Merge, Page, PageReference } from '../../../../types/shards.js'
import { check, isFunction, matching, pathOf } from '../../../options/check.js'
import { byText, givenOptions, type Results } from './settings.js'

export interface TagOptions {
  /** Tag -> what stands in ids and addresses. Tags of one slug are one page. @default small letters, digits and `-` */
  slug?: (tag: string) => string
}

export interface TagPagesOptions extends TagOptions {
  /** The module that writes the pages. @default that of the first wave */
  shard?: string | URL
  /** For `by.kind` and counts. @default 'tags' */
  kind?: string
  /** The files of a tag's page: `slug => ['tags/' + slug + '.html']`. */
  outputs?: (slug: string) => readonly string[]
}

/** A tag, and what the `data` of its page is. */
export interface Tag {
  /** As most pages write it. */
  readonly tag: string
  readonly slug: string
  /** Sorted by url. */
  readonly entries: readonly PageReference[]
}

interface Spelling { readonly tag: string, readonly entries: Map<string, string> }

/** A page for each tag: `{ id: 'tag:' + slug, kind: 'tags', data: { tag, slug, entries } }`. For the option `derived` of `sharded()`. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function tagPages (options: TagPagesOptions = {}): DerivedPages {
  const name = 'tagPages'
  const given = givenOptions(name, options, ['slug', 'shard', 'kind', 'outputs'])
  const slug = slugOption(name, given.slug)
  const kind = check(`${name}.kind`, given.kind === undefined ? 'tags' : given.kind, 'a text', matching(/./))
  const outputs = given.outputs === undefined ? undefined : check(`${name}.outputs`, given.outputs, 'a function', isFunction) as NonNullable<TagPagesOptions['outputs']>
  return {
    pages: results => tagsOf(results, { slug }).map((data): Page => ({ id: `tag:${data.slug}`, kind, data, ...outputs && { outputs: outputs(data.slug) } })),
    ...given.shard !== undefined && { shard: pathOf(`${name}.shard`, given.shard) }
  }
}

/** All tags of a site, sorted by slug. */
export function tagsOf (results: Results, { slug = slugOf }: TagOptions = {}): Tag[] {
  return [...spellingsOf(results, slug)].sort(([a], [b]) => byText(a, b)).map(([name, spellings]) => {
    const titles = new Map<string, string>()
    for (const { entries } of spellings) for (const [url, title] of entries) addTitle(titles, url, title)
    const entries = [...titles].sort(([a], [b]) => byText(a, b)).map(([url, title]) => ({ url, title }))
    return { tag: (spellings[0] as Spelling).tag, slug: name, entries }
  })
}

/** Warns of tags that are one page and written in several ways. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function mergeTags (options: TagOptions = {}, name = 'mergeTags'): Merge {
  const slug = slugOption(name, givenOptions(name, options, ['slug']).slug)
  return results => {
    const doubled = [...spellingsOf(results, slug)].filter(([, spellings]) => spellings.length > 1).sort(([a], [b]) => byText(a, b))
    return {
      diagnostics: doubled.map(([, [usual, ...others]]) => {
        const list = others.map(({ tag, entries }) => `\`${tag}\` of ${[...entries.keys()].sort(byText)[0]}${entries.size > 1 ? ` and ${entries.size - 1} more` : ''}`)
        return { severity: 'warning', message: `the tag \`${(usual as Spelling).tag}\` is also written ${list.join(', ')}: they are one page` }
      })
    }
  }
}

/** Words of letters and digits in small letters, with `-` between: `C++` and `C#` stay apart. */
export function slugOf (tag: string): string {
  const words = tag.normalize('NFKC').toLowerCase().replaceAll('+', 'plus').replaceAll('#', 'sharp').match(/[\p{L}\p{M}\p{N}]+/gu)
  return words?.join('-') ?? createHash('sha256').update(tag).digest('hex').slice(0, 8)
}

function slugOption (name: string, value: unknown): (tag: string) => string {
  return value === undefined ? slugOf : check(`${name}.slug`, value, 'a function', isFunction) as (tag: string) => string
}

/** Slug -> its spellings, the most used first. */
function spellingsOf (results: Results, slug: (tag: string) => string): Map<string, Spelling[]> {
  const tags = new Map<string, Spelling>()
  for (const [tag, pages] of results.flatMap(({ tagManifest }) => Object.entries(tagManifest))) {
    const spelling = tags.get(tag) ?? { tag, entries: new Map() }
    for (const { url, title } of pages) addTitle(spelling.entries, url, title)
    if (spelling.entries.size > 0) tags.set(tag, spelling)
  }
  const bySlug = new Map<string, Spelling[]>()
  for (const spelling of tags.values()) {
    const name = slug(spelling.tag)
    const same = bySlug.get(name)
    if (same === undefined) bySlug.set(name, [spelling])
    else same.push(spelling)
  }
  for (const same of bySlug.values()) same.sort((a, b) => b.entries.size - a.entries.size || byText(a.tag, b.tag))
  return bySlug
}

/** One page has one title, whichever shard comes first. */
function addTitle (titles: Map<string, string>, url: string, title: string): void {
  const before = titles.get(url)
  if (before === undefined || title < before) titles.set(url, title)
}
