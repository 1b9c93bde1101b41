'use strict'

const { PutObjectCommand, S3Client } = require('@aws-sdk/client-s3')
const { credentialsOf } = require('../../sources/fetching/aws-signer')

const FIRST_REGION = 'us-east-1'
/** A call that does not connect, or that stands still, for so long (ms) is tried again. */
const [CONNECT_MS, IDLE_MS] = [5000, 20_000]

/**
 * The account's S3, or a local cloud's.
 *
 * @param {object} environment the process's variables: AWS_ENDPOINT_URL, AWS_REGION, and those of the credentials
 */
function s3Client ({ AWS_ENDPOINT_URL, AWS_REGION, ...environment }) {
  return new S3Client({
    region: AWS_REGION || FIRST_REGION,
    followRegionRedirects: true,
    credentials: credentialsOf(environment),
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: IDLE_MS },
    ...(AWS_ENDPOINT_URL && { endpoint: AWS_ENDPOINT_URL, forcePathStyle: true })
  })
}

/** Where a location is: `bucket`, `key`. */
function placeOf (location) {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location)
  return { bucket, key }
}

/** @returns {(text: string) => Promise<void>} what puts a JSON document there */
function jsonPutter (s3, { bucket, key }) {
  return async (text) => { await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: 'application/json' })) }
}

module.exports = { jsonPutter, placeOf, s3Client }
