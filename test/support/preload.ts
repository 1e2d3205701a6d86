// The plugin imports its core and features when it is registered. Compiled one by one on a busy machine,
// that takes longer than Fastify waits for a plugin: so the tests import them first.
import '../../lib/live/core.js'
import '../../lib/features/index.js'
import '../../lib/features/editor/index.js'
import '../../lib/features/error-pages/index.js'
import '../../lib/features/hot-plugins/index.js'
import '../../lib/features/morph/index.js'
import '../../lib/features/overlay/index.js'
import '../../lib/features/page-console/index.js'
import '../../lib/features/status-page/index.js'
import '../../lib/features/terminal/index.js'
import '../../lib/live/inert.js'
import '../../lib/static/roots.js'
