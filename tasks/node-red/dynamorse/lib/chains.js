'use strict'

/** The nodes at which a chain ends, and what each is of. */
const OUTPUTS = ['spm-http-out', 'cloud-store-out']
const STORE = 'cloud-store-out'

/**
 * One chain for each output of the deployed flows, as `GET /production/metrics` shows it. It runs once pictures reach
 * its end; `frames` are those, so that one that stands still is seen, whatever its port says.
 */
function chainsOf (RED, { flow, faults, uploads }) {
  const nodes = []
  RED.nodes.eachNode((node) => nodes.push(node))
  const troubles = nodes.map(({ id, name }) => RED.settings.nodeErrors.get(id) && `${name || id}: ${RED.settings.nodeErrors.get(id)}`).filter(Boolean)
  return nodes.filter(({ type }) => OUTPUTS.includes(type)).map(({ id, type, name, bucket, key }) => {
    const figures = flow.figuresOf(id) || { frames: 0, frameRate: 0, startedAt: null }
    const isStore = type === STORE
    return Object.assign({}, figures, {
      chain: name || id,
      state: figures.frames > 0 ? 'running' : 'starting',
      storedBytes: isStore ? uploads.bytesOf(bucket, key) : null,
      lastError: troubles.join('; ') || null,
      faults: isStore ? faults.filter(({ known }) => known).map(sentence) : []
    })
  })
}

function sentence ({ module, version, file, message, known }) {
  return `${module} ${version}, ${file}: ${known} (${message})`
}

module.exports = { chainsOf }
