// The order of the sidebar. Pages without an entry here appear in the last group.
export const sections = [
  { title: 'Start here', pages: ['README.md', 'getting-started.md', 'existing-apps.md', 'recipes.md', 'migrating.md', 'options.md'] },
  { title: 'How it works', pages: ['watch.md', 'build.md', 'builders.md', 'executors.md', 'shards.md', 'broadcast.md', 'inject.md', 'serve.md', 'client.md', 'overlay.md'] },
  { title: 'Reference', pages: ['protocol.md', 'observe.md', 'errors.md', 'security.md', 'performance.md', 'troubleshooting.md', 'faq.md'] },
  { title: 'Decisions', pages: [], folder: 'decisions/' },
  { title: 'More', pages: [], folder: '' }
]

/** Sorts the pages into their groups, in reading order. */
export function arrange (pages) {
  const left = new Map(pages.map(page => [page.source, page]))
  const take = source => {
    const page = left.get(source)
    left.delete(source)
    return page === undefined ? [] : [page]
  }
  return sections.map(({ title, pages: named, folder }) => ({
    title,
    pages: [
      ...named.flatMap(take),
      ...(folder === undefined ? [] : [...left.keys()].filter(source => source.startsWith(folder)).sort().flatMap(take))
    ]
  })).filter(section => section.pages.length > 0)
}
