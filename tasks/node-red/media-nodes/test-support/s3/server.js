'use strict'

const { createHash, createHmac } = require('node:crypto')
const { sendFile, webServer } = require('../web-server')

const hmac = (key, text) => createHmac('sha256', key).update(text).digest()
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** The signature that a request must have (AWS Signature Version 4), worked out on its own from what arrived. */
function expectedSignature (request, { date, region, signedHeaders }, secret) {
  const [path, query = ''] = request.url.split('?')
  const sorted = query.split('&').filter(Boolean).map((part) => part.split('=').map((half) => encode(decodeURIComponent(half)))).sort().map((pair) => pair.join('='))
  const canonical = [
    request.method, path.split('/').map((part) => encode(decodeURIComponent(part))).join('/'), sorted.join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${request.headers[name].trim()}`), '', signedHeaders, request.headers['x-amz-content-sha256']
  ].join('\n')
  const scope = `${date}/${region}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  return hmac(['aws4_request'].reduce(hmac, hmac(hmac(hmac(`AWS4${secret}`, date), region), 's3')), toSign).toString('hex')
}

/**
 * Stands in for S3 with path-style addresses, as strict: it checks signatures, and a bucket answers in its own region only.
 *
 * @param {object} buckets by name: `region`, `objects` (file by key, or by `key?versionId`), `isDenied`, `isSilent` (says no region)
 * @param {object} credentials `accessKeyId`, `secretAccessKey`, `sessionToken`
 */
function s3Server (buckets, credentials) {
  return webServer((request, response) => {
    const fail = (status, code, more = '', headers = {}) => {
      const body = `<?xml version="1.0"?><Error><Code>${code}</Code>${more}</Error>`
      response.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body), ...headers }).end(body)
    }
    const [path, query] = request.url.split('?')
    const [, name, ...parts] = path.split('/').map(decodeURIComponent)
    const bucket = buckets[name]
    if (!bucket) return fail(404, 'NoSuchBucket')
    const [, accessKeyId, date, region, signedHeaders, signature] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d+)\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(request.headers.authorization ?? '') ?? []
    if (!signature) return fail(403, 'AccessDenied')
    if (accessKeyId !== credentials.accessKeyId || request.headers['x-amz-security-token'] !== credentials.sessionToken) return fail(403, 'InvalidAccessKeyId')
    if (!signedHeaders.split(';').includes('host')) return fail(403, 'AccessDenied')
    if (expectedSignature(request, { date, region, signedHeaders }, credentials.secretAccessKey) !== signature) return fail(403, 'SignatureDoesNotMatch')
    if (region !== bucket.region) {
      if (bucket.isSilent) return fail(301, 'PermanentRedirect')
      return fail(400, 'AuthorizationHeaderMalformed', `<Region>${bucket.region}</Region>`, { 'x-amz-bucket-region': bucket.region })
    }
    if (bucket.isDenied) return fail(403, 'AccessDenied')
    const version = new URLSearchParams(query).get('versionId')
    if (version === 'malformed') return fail(400, 'InvalidArgument')
    const file = bucket.objects[parts.join('/') + (version ? `?${version}` : '')]
    if (!file) return fail(404, version ? 'NoSuchVersion' : 'NoSuchKey')
    sendFile(request, response, file)
  })
}

module.exports = { s3Server }
