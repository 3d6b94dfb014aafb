import { type ExhibitView, exhibitView } from '../export/exhibit-view.ts';
import { playScript } from '../play/script.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { EXHIBITS } from '../scenarios/exhibits.ts';

/** The pictures of the museum, each drawn once from a run of its scenario. */
export function createMuseum() {
  const known = new Map<string, ExhibitView | null>();
  return {
    view: (id: string): ExhibitView | null => {
      const drawn = known.get(id);
      if (drawn !== undefined) return drawn;
      const exhibit = EXHIBITS.find((each) => each.id === id);
      const scenario = SCENARIOS.find((each) => each.id === exhibit?.scenario);
      if (exhibit === undefined || scenario === undefined) return null;
      const view = exhibitView(playScript(scenario.text, { files: FILES }).play, exhibit.from);
      known.set(id, view);
      return view;
    },
  };
}
