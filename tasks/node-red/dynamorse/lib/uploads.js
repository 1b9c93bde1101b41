'use strict'

/**
 * The objects that aws-sdk 2 is writing to S3 in this process, in whichever module it is loaded: how far they are, and
 * their end, which file-io 0.1.14 does not bring about when its node is closed (nodes/12-cloud-store-out.js:109-135).
 */

const Module = require('module')

const open = new Set()
const watched = new WeakSet()

/** Watches every aws-sdk that is loaded from now on. */
function watch () {
  const load = Module._load
  Module._load = function (request, ...more) {
    const loaded = load.call(this, request, ...more)
    if (request === 'aws-sdk' && loaded.S3 && !watched.has(loaded)) {
      watched.add(loaded)
      reachAccount(loaded, process.env)
      watchUploads(loaded.S3.prototype)
    }
    return loaded
  }
}

/** Version 2 of the SDK does not know AWS_ENDPOINT_URL, which later ones read; whoever sets it has no bucket in a host's name. */
function reachAccount (AWS, { AWS_ENDPOINT_URL: endpoint }) {
  if (endpoint) AWS.config.update({ s3: { endpoint, s3ForcePathStyle: true } })
}

function watchUploads (prototype) {
  const upload = prototype.upload
  prototype.upload = function (params, ...more) {
    const managed = upload.call(this, params, ...more)
    const one = { bucket: params.Bucket, key: params.Key, bytes: 0, stream: params.Body, isDone: null }
    managed.on('httpUploadProgress', ({ loaded }) => { one.bytes = loaded })
    open.add(one)
    // The caller sends it, in this same turn; a promise of our own would send it twice.
    const send = managed.send
    one.isDone = new Promise((resolve) => {
      managed.send = function (callback) {
        return send.call(this, (error, data) => {
          open.delete(one)
          resolve()
          if (callback) callback(error, data)
        })
      }
    })
    return managed
  }
}

/** How many bytes of an object S3 has got, or null if it is not being written. */
function bytesOf (bucket, key) {
  const found = Array.from(open).find((one) => one.bucket === bucket && one.key === key)
  return found ? found.bytes : null
}

/** Ends every object; resolves when S3 has all of them whole. */
function finish () {
  return Promise.all(Array.from(open).map(({ stream, isDone }) => {
    if (stream && typeof stream.end === 'function') stream.end()
    return isDone
  }))
}

module.exports = { watch, bytesOf, finish }
