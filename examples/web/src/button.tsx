import type { ComponentProps } from "react";
import { other, otherName, switchLanguage } from "./language.ts";

/** HTML's own default would send the form around it. */
export const Button = (props: ComponentProps<"button">) => <button type="button" {...props} />;

export const LanguageSwitch = () => (
  <Button className="quiet" lang={other} onClick={switchLanguage}>
    {otherName}
  </Button>
);
