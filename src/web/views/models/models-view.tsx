import { type Collection, listCollections } from '../../api/collections.ts';
import { listAliases, listModels } from '../../api/models.ts';
import { useIsAllowed } from '../../api/use-access.ts';
import { useRequest } from '../../api/use-request.ts';
import { ErrorMessage } from '../../components/error-message.tsx';
import { Loading } from '../../components/loading.tsx';
import { AliasTable } from './alias-table.tsx';
import { ModelSection } from './model-section.tsx';
import './models.css';

/** All models: which are in service, the state of each, what is in its space, and what was measured of it. */
export function ModelsView() {
  const models = useRequest(listModels, []);
  const aliases = useRequest(listAliases, []);
  const maySearch = useIsAllowed('search');
  // A service without collections has models all the same.
  const collections = useRequest<readonly Collection[] | undefined>(
    async (signal) => (maySearch ? listCollections(signal).catch(() => undefined) : undefined),
    [maySearch],
  );
  const reload = () => {
    models.reload();
    aliases.reload();
  };
  const active = aliases.data?.find(({ alias }) => alias === 'default')?.model;
  return (
    <div class="models-view">
      <h1>Models</h1>
      {models.error !== undefined && <ErrorMessage error={models.error} />}
      {aliases.error !== undefined && <ErrorMessage error={aliases.error} />}
      {models.data === undefined && models.error === undefined && <Loading />}
      {aliases.data && <AliasTable aliases={aliases.data} onChange={reload} />}
      {models.data?.data.map((model) => (
        <ModelSection key={model.id} model={model} active={active} collections={collections.data} onChange={reload} />
      ))}
      {models.data?.unreadable.map(({ folder, problem }) => (
        <ErrorMessage key={folder} error={new Error(`${folder}: ${problem}`)} />
      ))}
    </div>
  );
}
