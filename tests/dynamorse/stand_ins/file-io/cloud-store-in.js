'use strict'

const AWS = require('aws-sdk')
const { Grain, funnel, makeCable } = require('node-red-contrib-dynamorse-core')

const LARGE = 1000000 // bytes of a grain, from which on each is read by a request of its own

/**
 * Cuts an object into grains, as node-red-contrib-dynamorse-file-io 0.1.14 does (lines of nodes/12-cloud-store-in.js of the
 * repository's commit 674cda1): their length is the object's metadata `grainsize` (126), their duration `duration` (137),
 * their format its content type (131); large ones are read by queueSize requests at once, which has to be a number (102).
 * `interlace=0` stays text (202), which codecadon 0.1.18 reads as true (src/Params.h:57): fields are put together.
 */
module.exports = (RED) => {
  RED.nodes.registerType('cloud-store-in', function (config) {
    RED.nodes.createNode(this, config)
    const s3 = new AWS.S3({ region: config.region })
    const place = { Bucket: config.bucket, Key: config.key }
    let read, flowId, duration, tags
    let number = 0
    const began = Date.now()
    funnel(this, config, (push, next) => {
      read(number).then((bytes) => {
        if (!bytes) return
        const time = began * 1000000 + number * duration[0] / duration[1] * 1000000000
        number += 1
        push(new Grain([interleaved(bytes, tags)], `${Math.floor(time / 1e9)}:${String(Math.round(time % 1e9)).padStart(9, '0')}`, flowId, duration))
        next()
      }).catch((error) => this.error(error.message))
    })
    s3.headBucket({ Bucket: config.bucket }).promise()
      .then(() => s3.headObject(place).promise(), (error) => { throw new Error(`Uanable to resolve bucket and/or object: ${error}`) })
      .then((object) => {
        const length = +object.Metadata.grainsize
        if (isNaN(length)) throw new Error('Received chunksize that is non-numerical.')
        if (length > LARGE && typeof config.queueSize !== 'number') throw new Error('Must specify number to parallel()')
        tags = tagsOf(object.ContentType)
        duration = (object.Metadata.duration || '1/25').match(/^([0-9]+)\/([0-9]+)$/).slice(1).map(Number)
        read = reader(s3, place, length, object.ContentLength, config.loop)
        flowId = makeCable(this, tags)
        this.begin()
      })
      .catch((error) => this.error(`Preflight error: ${error.message}.`))
  })
}

/** Returns how to read a grain: of a large one its own bytes, of others those of the object, read once. */
function reader (s3, place, length, whole, loop) {
  const grains = Math.floor(whole / length)
  const object = length > LARGE ? null : s3.getObject(place).promise()
  return (number) => {
    if (number >= grains && !loop) return Promise.resolve(null)
    const from = number % grains * length
    if (object) return object.then(({ Body }) => Body.slice(from, from + length))
    return s3.getObject(Object.assign({ Range: `bytes=${from}-${from + length - 1}` }, place)).promise().then(({ Body }) => Body)
  }
}

function tagsOf (contentType) {
  const [, format, encodingName] = contentType.match(/^\s*(\w+)\/([\w-]+)/)
  const tags = { format, encodingName, packing: encodingName === 'x-v210' ? 'v210' : 'pgroup' }
  contentType.match(/\b(\w+)=(\S+)\b/g).forEach((parameter) => {
    const [name, value] = parameter.split('=')
    tags[name] = value
  })
  return tags
}

/** codecadon 0.1.18, src/Concater.cc:81-107: the first half of the lines are the even ones. */
function interleaved (bytes, tags) {
  if (!tags.interlace) return bytes
  const pitch = tags.width * 5 / 2
  const picture = Buffer.alloc(pitch * tags.height)
  for (let line = 0; line < tags.height; line++) {
    const from = (line >> 1) + (line % 2 ? tags.height / 2 : 0)
    bytes.copy(picture, line * pitch, from * pitch, (from + 1) * pitch)
  }
  return picture
}
