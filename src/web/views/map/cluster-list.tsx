import type { MapResponse } from '../../../http/routes/collections/map-schemas.ts';
import { getPanels } from '../../api/collections.ts';
import { useRequest } from '../../api/use-request.ts';
import { panelAlt, pictureUrl } from '../../components/panel-names.ts';
import { Picture } from '../../components/picture.tsx';

interface ClusterListProps {
  readonly map: MapResponse;
  /** The cluster whose panels are listed */
  readonly chosen: number | undefined;
  readonly onChoose: (cluster: number) => void;
}

/** The clusters, each with the panels nearest to its centre. */
export function ClusterList({ map, chosen, onChoose }: ClusterListProps) {
  const { data: faces = [] } = useRequest(
    (signal) =>
      getPanels(
        map.collection,
        map.clusters.flatMap((cluster) => cluster.faces),
        signal,
      ),
    [map],
  );
  return (
    <section class="map-clusters" aria-labelledby="map-clusters-title">
      <h2 id="map-clusters-title">Clusters</h2>
      <p class="hint">Panels that are alike, each cluster with the three that are most like all of it.</p>
      <ol>
        {map.clusters.map(({ cluster, panels, faces: ids }) => (
          <li key={cluster}>
            <button type="button" aria-pressed={chosen === cluster} onClick={() => onChoose(cluster)}>
              <span class="map-cluster-name">
                Cluster {cluster + 1} <small>{panels.toLocaleString('en')} panels</small>
              </span>
              <span class="map-faces">
                {ids.map((id) => {
                  const panel = faces.find((face) => face.id === id);
                  return panel && <Picture key={id} src={pictureUrl(panel.image_url, 160)} alt={panelAlt(panel)} />;
                })}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
