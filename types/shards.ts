import type { BuildContext, Builder, BuildProfile, BuildRequest, BuildResult, Diagnostic } from './build.js'

/** One page of a site: what it is made from, and what it belongs to. Plain data. */
export interface Page {
  /** Unique in the site, and the same in every build: `guide/install.md`. */
  readonly id: string
  /** The source, absolute or relative to `request.cwd`. The shard's module reads it. */
  readonly file?: string
  /** Other files the page is made from: templates, included files. A page is built again when one of them changes. */
  readonly deps?: readonly string[]
  /** Differs when the page has to be built again. @default a digest of `file`, `deps` and `data` */
  readonly hash?: string
  /** Plain data for the shard's module: what the page is made from beside files. */
  readonly data?: unknown
  /** Relative cost, for the order and for `by.weight`. @default 1 */
  readonly weight?: number
  /** For `by.section`: `guide`. */
  readonly section?: string
  /** For `by.version`: `v2`. */
  readonly version?: string
  /** For `by.kind`, and for counts: `content`, `api`, `tags`. @default 'content' */
  readonly kind?: string
  /** Files the page is written to, relative to the output directory, with `/`: `guide/install.html`, `guide/install.json`. When given, each must be written. */
  readonly outputs?: readonly string[]
}

/** Some pages that are built together, and kept in the cache together. */
export interface Shard {
  /** Depends on the pages and the partition, never on the number of workers. Which large shards are split is remembered with the cache. */
  readonly id: string
  /** Sorted by id. */
  readonly pages: readonly Page[]
  /** Content address: two shards of the same key have the same result. */
  readonly key: string
  /** Milliseconds that it is expected to take. The longest is built first. */
  readonly estimatedMs: number
}

/** Pages -> named shards. Pure: the same pages in any order give the same shards. `count` is the wanted number; a partition by a property of the pages ignores it. */
export type Partition = (pages: readonly Page[], count: number) => ReadonlyMap<string, readonly Page[]>

/** A line of the sitemap. */
export interface SitemapEntry {
  /** Relative to the site, beginning with `/`, or absolute. */
  readonly url: string
  /** W3C date, as sitemaps.org has it. */
  readonly lastmod?: string
}

/** A page as lists show it. */
export interface PageReference {
  /** Relative to the site, beginning with `/`, or absolute. */
  readonly url: string
  /** Plain text. */
  readonly title: string
}

/** What the search finds. */
export interface SearchEntry extends PageReference {
  /** Plain text, without markup. Its beginning is shown with a result. */
  readonly text?: string
}

/** An item of a feed. */
export interface FeedEntry extends PageReference {
  /** W3C date: `2026-01-31`, or with a time and its zone. */
  readonly date: string
  /** The page or its beginning. */
  readonly html?: string
}

/** What a shard gives to the merge. Plain data. */
export interface ShardResult {
  /** Files that were written, relative to the output directory. */
  readonly renderedPages: readonly string[]
  /** Pages for the sitemap. */
  readonly sitemapEntries: readonly SitemapEntry[]
  /** Pages for the search. */
  readonly searchEntries: readonly SearchEntry[]
  /** Pages by tag. */
  readonly tagManifest: Readonly<Record<string, readonly PageReference[]>>
  /** Pages for the feeds. The newest of the shard are enough. */
  readonly feedEntries: readonly FeedEntry[]
  /** Links by page: `['/guide/', ['/api/#open', 'https://example.com']]`. */
  readonly links: readonly (readonly [from: string, to: readonly string[]])[]
  /** An error fails the build. Warnings are kept in the cache with the rest. */
  readonly errors: readonly Diagnostic[]
}

/** A result of a shard that has only what there is. `files` are written for the module: contents by path relative to the output directory. */
export type PartialShardResult = Partial<ShardResult> & { readonly files?: Readonly<Record<string, string | Uint8Array>> }

/** What the module of `sharded()` is called with. */
export interface ShardTask {
  /** Names the shard in logs. */
  readonly shardId: string
  /** What to build, sorted by id. */
  readonly pages: readonly Page[]
  /** What `globals` gave, or the part of it that `globalsFor` chose for these pages. */
  readonly globals: unknown
  /** Absolute, and empty: a directory of this shard alone. Files move to the site when the whole build has succeeded. */
  readonly outDir: string
  /** Absolute. */
  readonly cwd: string
  /** What the build is for. */
  readonly profile: BuildProfile
}

/** What a shard's module may use. */
export type ShardContext = Pick<BuildContext, 'signal' | 'log' | 'progress'>

/** The default export of a shard's module. A generator, async or not, gives a piece of the result at a time, so memory holds a few pages only. */
export type ShardModule = (task: ShardTask, context: ShardContext) =>
  void | PartialShardResult | Promise<void | PartialShardResult> | AsyncIterable<PartialShardResult> | Generator<PartialShardResult, void, void>

/** A file of a shard. */
export interface ShardFile {
  /** Relative to the output directory, with `/`. */
  readonly path: string
  /** SHA-256 of its contents, hexadecimal. */
  readonly hash: string
  /** Where its contents begin in those of the shard, in bytes. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
}

/** How a shard ended. */
export interface ShardOutcome {
  /** Which one. */
  readonly shard: Shard
  /** Complete in every case: of a shard that failed the lists are empty, and `errors` says why. */
  readonly result: ShardResult
  /** What it wrote, sorted by path. */
  readonly files: readonly ShardFile[]
  /** The contents of `files`, one behind the other. */
  contents (): Promise<Uint8Array>
  /** Files that lie below `job.stage.dir`, ready to be moved to the site: path -> absolute path. The others are written from `contents()`. @default none */
  readonly staged?: ReadonlyMap<string, string>
  /** Milliseconds of work. */
  readonly ms: number
  /** Largest memory of its process, in bytes. 0 when it is not known. */
  readonly peakMemory: number
}

/** What all shards of a build share. Plain data. */
export interface ShardJob {
  /** Absolute path of the module. */
  readonly file: string
  /** That of the build. */
  readonly request: BuildRequest
  /** By shard id: what its module gets as `globals`. */
  readonly globals: Readonly<Record<string, unknown>>
  /** Milliseconds a shard may take. */
  readonly timeout?: number | undefined
  /** Where a runner of this machine may let its workers write files. `dir` is empty, on the file system of the site, and removed after the build. `placed` has what need not be written, since the site has it: shard id -> path -> hash. */
  readonly stage?: { readonly dir: string, readonly placed: Readonly<Record<string, Readonly<Record<string, string>>>> } | undefined
  /** At most so many shards at once: a small site is not worth more processes. @default no limit of its own */
  readonly workers?: number | undefined
}

/** Where shards run. */
export interface ShardRunner {
  /** Names the runner in the log. */
  readonly name: string
  /** How many shards run at once, of so many. A runner that does not know leaves it out. */
  workers? (shards: number): number
  /** Yields each shard's outcome as it ends, in any order. Who stops iterating, or aborts, stops the rest. @throws only the signal's reason. */
  run (shards: readonly Shard[], job: ShardJob, context: BuildContext): AsyncIterable<ShardOutcome>
  /** Prepares the first build. */
  warm? (file: string): void | Promise<void>
  /** Frees what the runner holds. */
  close? (): Promise<void>
}

/** Keeps values by a key that names their content, so an entry never changes. Values are structured clones. */
export interface ShardCache {
  /** `undefined` when there is none, or none that can be read. */
  get (key: string): Promise<unknown> | unknown
  /** Keeps a value. It may fail: builds go on without. */
  put (key: string, value: unknown): Promise<void> | void
  /** A note that may change, such as what each shard costs. Builds work without. */
  recall? (name: string): Promise<unknown> | unknown
  /** Keeps a note. */
  remember? (name: string, value: unknown): Promise<void> | void
}

/** Runs once, after all shards, with their results sorted by id. Writes to `request.outDir`. */
export type Merge = (results: readonly (ShardResult & { readonly shardId: string })[], request: BuildRequest & { readonly outDir: string }, context: BuildContext) =>
  void | Partial<BuildResult> | Promise<void | Partial<BuildResult>>

/** Pages made from the results of the first shards, such as a page for each tag: a second wave of shards, before the merge. */
export interface DerivedPages {
  /** The pages, usually with `data` and without `file`. Called in the server's process. */
  pages (results: readonly (ShardResult & { readonly shardId: string })[], request: BuildRequest): readonly Page[] | Promise<readonly Page[]>
  /** Its module. @default that of the first wave */
  shard?: string | URL
  /** @default by.hash */
  partition?: Partition
}

/** What `sharded()` is told. */
export interface ShardedOptions {
  /** All pages of the site. Called for each build, in the server's process. */
  pages (request: BuildRequest): readonly Page[] | Promise<readonly Page[]>
  /** Path or URL of the module that builds a shard. Relative to the working directory. */
  shard: string | URL
  /** The directory the site is written to. @default `request.outDir`, which `staged()` sets */
  outDir?: string | URL
  /** @default nothing is merged; `mergeSite()` makes sitemap, feeds, search and a report of links */
  merge?: Merge
  /** Pages made from results: tags. A list is as many waves, all from the results of the first. */
  derived?: DerivedPages | readonly DerivedPages[]
  /** @default by.hash */
  partition?: Partition
  /** The wanted number of shards; `false` builds all in one shard and one process, for debugging. @default 16, 64 or 256, by the number of pages */
  shards?: number | false
  /** A site of fewer pages is built by one worker, and so is one whose estimated work is less than a second. @default 500 */
  minPages?: number
  /** Keeps shards between builds and restarts: `fileCache()`. @default those of the last build, in memory */
  cache?: ShardCache
  /** Whether the first shard that fails stops the others. Nothing is written in either case. @default 'collect' */
  errors?: 'collect' | 'fail-fast'
  /** Computed once and handed to all shards: a navigation tree, versions. Plain data. */
  globals? (pages: readonly Page[], request: BuildRequest): unknown
  /** The part of `globals` that some pages show. Only it is part of their shard's key, and only it reaches them. @default all of it */
  globalsFor? (globals: unknown, pages: readonly Page[]): unknown
  /** Where shards run. @default local() */
  on?: ShardRunner
  /** Milliseconds a shard may take. @default 120,000; no limit with `shards: false` */
  timeout?: number
  /** Part of every key: what the result depends on beside pages, globals and the module. @default '' */
  version?: string
  /** @default 'site' */
  name?: string
}

/** What `sharded()` returns. */
export interface ShardedBuilder extends Builder {
  /** The same site, built otherwise. It shares nothing with this builder but the cache. */
  with (overrides: ShardedOverrides): ShardedBuilder
}

/** What the command line changes of a `sharded()` builder. */
export type ShardedOverrides = Partial<Pick<ShardedOptions, 'shards' | 'partition' | 'errors' | 'minPages' | 'on'>> & {
  readonly cache?: ShardCache | false
  /** Builds the pages of these versions only, and those without one. All other files stay, also those of derived pages and of the merge. */
  readonly versions?: readonly string[]
}
