import { visibleText } from '../../../shared/text.ts';
import { type Check, DEPLOY_AGAIN, ok, wrong } from '../check.ts';

/** Whether the function can be run. Whether it succeeds, its alarms tell. */
export const functionRuns: Check = {
  name: 'function',
  needs: ['lambda:GetFunctionConfiguration'],
  run: async (deployment) => {
    const {
      FunctionName = '',
      State,
      StateReason,
      LastUpdateStatus,
      LastUpdateStatusReason,
    } = await deployment.function();
    if (State !== undefined && State !== 'Active' && State !== 'Inactive') {
      return wrong(
        `${visibleText(FunctionName)} is ${State}: ${visibleText(StateReason ?? 'no reason given')}`,
        DEPLOY_AGAIN,
      );
    }
    if (LastUpdateStatus === 'Failed') {
      const reason = visibleText(LastUpdateStatusReason ?? 'no reason given');
      return wrong(`the last update of ${visibleText(FunctionName)} failed: ${reason}`, DEPLOY_AGAIN);
    }
    return ok(`${visibleText(FunctionName)} is ready`);
  },
};
