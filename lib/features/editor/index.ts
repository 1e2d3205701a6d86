// Open in editor: `POST <path>/open` starts the developer's editor at a place in a file of the project.
import fp from 'fastify-plugin'
import { logOf, type FeatureOptions } from '../../shared/feature.js'
import { serveEditor } from './editor.js'

export default fp<FeatureOptions>(async (app, { live, settings: { cwd, roots, watch, builds, editor } }) => {
  const places = [cwd, ...roots.map(root => root.path), ...watch, ...builds.flatMap(build => build.source)]
  const log = logOf(app)
  live.routes(scope => serveEditor(scope, { project: { cwd, places }, editor: editor as string | undefined, log }), { access: 'token' })
})
