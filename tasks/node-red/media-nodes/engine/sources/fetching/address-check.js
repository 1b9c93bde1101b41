'use strict'

const dns = require('node:dns')
const { BlockList, isIP } = require('node:net')
const { FetchFault } = require('./fetch-fault')

/** Where a machine's own secrets are: instance metadata, task credentials (169.254.169.254, 169.254.170.2, fd00:ec2::254). */
const LINK_LOCAL = [['169.254.0.0', 16, 'ipv4'], ['fe80::', 10, 'ipv6'], ['fd00:ec2::', 32, 'ipv6'], ['64:ff9b::a9fe:0', 112, 'ipv6']]
const NOWHERE = [
  ['0.0.0.0', 8, 'ipv4'], ['224.0.0.0', 4, 'ipv4'], ['255.255.255.255', 32, 'ipv4'],
  ['::', 128, 'ipv6'], ['ff00::', 8, 'ipv6'], ['64:ff9b::', 104, 'ipv6']
]
const LOOPBACK = [['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6'], ['64:ff9b::7f00:0', 104, 'ipv6']]

/** Says which addresses nothing is fetched from, and looks at each after its name is resolved. */
class AddressCheck {
  #refused = new BlockList()
  #lookup

  /**
   * @param {object} [how]
   * @param {boolean} [how.allowsLoopback] for tests, and for a local cloud
   * @param {Function} [how.lookup] as dns.lookup
   */
  constructor ({ allowsLoopback = false, lookup = dns.lookup } = {}) {
    this.#lookup = lookup
    for (const [net, prefix, family] of [...LINK_LOCAL, ...NOWHERE, ...(allowsLoopback ? [] : LOOPBACK)]) this.#refused.addSubnet(net, prefix, family)
  }

  /**
   * Let an address pass that is written as digits, and any name: names are looked at by `lookup`.
   *
   * @param {string} hostname of a URL
   * @throws {FetchFault} AddressRefused
   */
  check (hostname) {
    const address = hostname.replace(/^\[|\]$/g, '')
    if (isIP(address) !== 0) this.#assert(address)
  }

  /** For the `lookup` of Node's http: what it gives is what is connected to, so a name cannot mean another address a moment later. */
  get lookup () {
    return (hostname, options, callback) => {
      this.#lookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error)
        try {
          for (const { address } of addresses) this.#assert(address, hostname)
        } catch (refused) {
          return callback(refused)
        }
        if (options.all) callback(null, addresses)
        else callback(null, addresses[0].address, addresses[0].family)
      })
    }
  }

  #assert (address, name = address) {
    if (!this.#refused.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return
    const found = name === address ? address : `${name} (${address})`
    throw new FetchFault('AddressRefused', `nothing is fetched from ${found}: it is the machine's own. Name a public or a private address.`, 403)
  }
}

module.exports = { AddressCheck }
