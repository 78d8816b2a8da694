// Where failtrace answers. Another one: http://127.0.0.1:9000/?api=https://failtrace.example
const api = new URLSearchParams(location.search).get('api') ?? 'http://127.0.0.1:8080';

// A dashboard has its own list of runs. This one has none, so it takes that of failtrace.
const status = document.querySelector('[role=status]');
try {
  const response = await fetch(`${api}/api/runs?limit=50`);
  if (!response.ok) throw new Error(`the API answered ${response.status}`);
  const { runs } = await response.json();
  document.querySelector('tbody').append(...runs.map(row));
  status.textContent = runs.length === 0 ? 'Nothing has failed yet.' : '';
} catch (error) {
  status.textContent = `No runs: ${error.message}. Is failtrace running, with this page's origin in FAILTRACE_CORS_ORIGINS?`;
}

function row(run) {
  const chip = document.createElement('failure-chip');
  chip.setAttribute('api', api);
  // Together they name the run: the same id may be used in several namespaces.
  chip.setAttribute('run-id', run.run_id);
  chip.setAttribute('namespace', run.namespace);
  // What the dashboard would have shown: one cut-off line. The chip gets the rest when it is asked.
  chip.setAttribute('error-message', run.error_message.slice(0, 80));

  const tr = document.createElement('tr');
  for (const content of [run.name, run.ended_at ?? '', chip]) {
    const td = document.createElement('td');
    td.append(content);
    tr.append(td);
  }
  return tr;
}
