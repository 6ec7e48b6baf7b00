import type { ComponentProps } from "react";

/** HTML's own default would send the form around it. */
export const Button = (props: ComponentProps<"button">) => <button type="button" {...props} />;
