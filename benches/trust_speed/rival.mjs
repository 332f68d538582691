// Decisions a CPU second of iam-simulate's core engine, its policy parsed once: rival.mjs PACKAGE CASES
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import path from 'node:path'

const folder = path.resolve(process.argv[2])
const part = (file) => import(pathToFileURL(path.join(folder, 'dist/esm', file)))
const { authorize } = await part('core_engine/CoreSimulatorEngine.js')
const { AwsRequestImpl } = await part('request/request.js')
const { RequestContextImpl } = await part('requestContext.js')
const { DiscoveryContextKeyConstraints } = await part('context_keys/discoveryContextKeyConstraints.js')
const { loadPolicy } = createRequire(path.join(folder, 'package.json'))('@cloud-copilot/iam-policy')

const figures = {}
for (const line of readFileSync(process.argv[3], 'utf8').trim().split('\n')) {
  const { id, trust_policy, request } = JSON.parse(line)
  const asked = new AwsRequestImpl(request.principal, { resource: 'arn:aws:iam::418203975566:role/Ops', accountId: '418203975566' }, request.actions[0], new RequestContextImpl(request.context), false)
  const question = {
    request: asked, sessionPolicy: undefined, identityPolicies: [], serviceControlPolicies: [], resourceControlPolicies: [],
    resourcePolicy: loadPolicy(trust_policy, { name: 'trust' }), permissionBoundaries: undefined, vpcEndpointPolicies: undefined,
    simulationParameters: { simulationMode: 'Strict', discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints() }
  }
  if (authorize(question).resourceAnalysis.result !== 'Allowed') throw new Error(`${id}: not allowed`)
  const rate = (seconds) => {
    const begun = process.cpuUsage()
    let decisions = 0, used = 0
    while (used < seconds * 1e6) {
      for (let i = 0; i < 200; i++) authorize(question)
      decisions += 200
      const { user, system } = process.cpuUsage(begun)
      used = user + system
    }
    return (decisions * 1e6) / used
  }
  rate(1)                                            // until it is compiled
  figures[id] = Math.max(rate(1.5), rate(1.5), rate(1.5))
}
console.log(JSON.stringify(figures))
