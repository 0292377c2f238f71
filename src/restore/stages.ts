import type { Progress } from "../base/progress.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";

/** Steps of all kinds run at the same time; a person sees the stage that the restore is waiting for. */
export function stages(
  steps: readonly RestoreStep[],
  progress: Progress,
): { begins(step: RestoreStep): void; ends(step: RestoreStep): void } {
  const data = steps.filter((step) => isData(step)).length;
  const objects = steps.filter((step) => step.kind === "object").length;
  let dataLeft = data;
  let objectsDone = 0;
  let shown: "Data" | "Objects" | "Ready" | undefined;
  const show = (stage: "Data" | "Objects" | "Ready", detail: string) => {
    if (shown === stage) return;
    shown = stage;
    progress.stage(stage, detail);
  };
  const showWork = () => {
    if (shown === "Ready") return;
    if (dataLeft > 0)
      show("Data", `${data} volumes and buckets, and ${objects} objects as soon as their data is there`);
    else show("Objects", `${objects} objects`);
  };
  return {
    begins(step) {
      if (step.kind === "ready" && dataLeft === 0 && objectsDone === objects)
        show("Ready", "waiting until what was ready is ready again");
      else showWork();
    },
    ends(step) {
      if (isData(step)) dataLeft--;
      if (step.kind === "object") objectsDone++;
      showWork();
    },
  };
}

function isData(step: RestoreStep): boolean {
  return step.kind === "volume" || step.kind === "bucket";
}
