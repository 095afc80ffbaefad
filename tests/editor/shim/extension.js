// Plugs PyPI's debugpy and language server into a VS Code that has no marketplace, and lets the proofs ask the extension
// host: a request's body on the socket PROOF_SOCKET is run as an async function of (vscode, sleep, root).
const http = require('http');
const vscode = require('vscode');
const { LanguageClient } = require(process.env.PROOF_MODULES + '/vscode-languageclient/node');

const python = process.env.PROOF_PYTHON;
const sleep = ms => new Promise(done => setTimeout(done, ms));
const AsyncFunction = (async () => {}).constructor;
let client;

function listen(root) {
  http.createServer((request, response) => {
    let body = '';
    request.on('data', part => { body += part; });
    request.on('end', async () => {
      let answer;
      try {
        answer = { value: (await new AsyncFunction('vscode', 'sleep', 'root', body)(vscode, sleep, root)) ?? null };
      } catch (error) {
        answer = { error: String(error.stack || error) };
      }
      response.end(JSON.stringify(answer));
    });
  }).listen(process.env.PROOF_SOCKET);
}

function debugging(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand('python.interpreterPath', () => python),
    vscode.debug.registerDebugConfigurationProvider('debugpy', {
      resolveDebugConfigurationWithSubstitutedVariables: (_, given) => ({ python: [python], ...given }),
    }),
    vscode.debug.registerDebugAdapterDescriptorFactory('debugpy', {
      createDebugAdapterDescriptor: () => new vscode.DebugAdapterExecutable(python, ['-m', 'debugpy.adapter']),
    }),
  );
}

exports.activate = async context => {
  debugging(context);
  const server = { command: process.env.PROOF_LANGUAGE_SERVER, args: ['--stdio'] };
  client = new LanguageClient('types', 'types', server, {
    documentSelector: [{ language: 'python' }],
    middleware: {
      workspace: {
        configuration: async (params, token, next) => (await next(params, token)).map((value, i) =>
          params.items[i].section === 'python' ? { ...value, pythonPath: python } : value),
      },
    },
  });
  await client.start();
  listen(vscode.workspace.workspaceFolders[0].uri.fsPath);
};
exports.deactivate = () => client && client.stop();
