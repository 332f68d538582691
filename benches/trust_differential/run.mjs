// Asks iam-simulate's core engine, with the trust policy as resource policy: run.mjs PACKAGE < cases > answers
//
// PACKAGE is the folder of the installed package; it is only run, nothing of it is part of this project. The
// engine itself is asked, past the validation in front of it, so that it answers for every document.
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import path from 'node:path'

const folder = path.resolve(process.argv[2])
const part = (file) => import(pathToFileURL(path.join(folder, 'dist/esm', file)))
const { authorize } = await part('core_engine/CoreSimulatorEngine.js')
const { AwsRequestImpl } = await part('request/request.js')
const { RequestContextImpl } = await part('requestContext.js')
const { DiscoveryContextKeyConstraints } = await part('context_keys/discoveryContextKeyConstraints.js')
const constraints = new DiscoveryContextKeyConstraints()
const require = createRequire(path.join(folder, 'package.json'))
const { loadPolicy } = require('@cloud-copilot/iam-policy')

const role = 'arn:aws:iam::418203975566:role/Ops'
const words = { Allowed: 'allow', ExplicitlyDenied: 'deny', DeniedForAccount: 'deny', ImplicitlyDenied: 'implicit-deny', AllowedForAccount: 'implicit-deny', NotApplicable: 'implicit-deny' }

function once(policy, request, action) {
  const context = new RequestContextImpl(request.context)
  const answer = authorize({
    request: new AwsRequestImpl(request.principal, { resource: role, accountId: '418203975566' }, action, context, false),
    sessionPolicy: undefined,
    identityPolicies: [],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: policy,
    permissionBoundaries: undefined,
    vpcEndpointPolicies: undefined,
    simulationParameters: { simulationMode: 'Strict', discoveryContextKeyConstraints: constraints }
  })
  return words[answer.resourceAnalysis.result]
}

// A denial of any action wins, and every action has to be allowed.
function decide(policy, request) {
  const answers = request.actions.map((action) => once(policy, request, action))
  if (answers.includes('deny')) return 'deny'
  return answers.every((answer) => answer === 'allow') ? 'allow' : 'implicit-deny'
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { id, trust_policy, request } = JSON.parse(line)
  let answer
  try {
    answer = { id, decision: decide(loadPolicy(trust_policy, { name: 'trust' }), request) }
  } catch (error) {
    answer = { id, decision: 'error', because: String(error.message) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
