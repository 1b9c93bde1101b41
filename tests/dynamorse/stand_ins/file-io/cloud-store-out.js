'use strict'

const AWS = require('aws-sdk')
const stream = require('stream')
const { Grain, spout, findCables } = require('node-red-contrib-dynamorse-core')

/** As published (0.1.14, nodes/12-cloud-store-out.js:87), without `return`: the promise of the stream gives nothing. */
const GIVES_STREAM_BACK = require('./package.json').version !== '0.1.14'

/**
 * Writes grains to an object, as node-red-contrib-dynamorse-file-io 0.1.14 does (lines of nodes/12-cloud-store-out.js):
 * partSize counts MiB (72); the next grain is asked for after `timeout` ms, without one at once (93); the object is not
 * ended when the node is closed, only by the end of its source or SIGINT (109, 125).
 */
module.exports = (RED) => {
  RED.nodes.registerType('cloud-store-out', function (config) {
    RED.nodes.createNode(this, config)
    const s3 = new AWS.S3({ region: config.region })
    s3.headBucket({ Bucket: config.bucket }, (error) => { if (error) this.error(`Preflight error: Error accessing bucket: ${error}.`) })
    const body = new stream.PassThrough()
    let written = null
    spout(this, config, (grain, next) => {
      if (!Grain.isGrain(grain)) return next()
      written = written || findCables(RED, this).then(([{ tags }]) => {
        s3.upload({ Bucket: config.bucket, Key: config.key, Body: body, ContentType: `${tags.format}/${tags.encodingName}` }, {
          partSize: +config.partSize * 1024 * 1024, queueSize: +config.queueSize
        }).promise().then(() => this.log('Finished uploading S3 object'), (error) => this.error(`Failed to upload S3 object: ${error}`))
        if (GIVES_STREAM_BACK) return body
      })
      written.then((target) => {
        if (target.write(grain.buffers[0])) setTimeout(next, +config.timeout || 0)
        else target.once('drain', next)
      })
    })
    process.on('SIGINT', () => body.end())
  })
}
