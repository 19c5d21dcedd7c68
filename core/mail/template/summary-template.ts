/** Made of summary.mjml by `npm run mail`; a test holds it to be fresh. */
export const summaryTemplate = `<!doctype html>
<html lang="en" dir="ltr" xmlns="http://www.w3.org/1999/xhtml" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
<title>{{subject}}</title>
<!--[if !mso]><!-->
<meta http-equiv="X-UA-Compatible" content="IE=edge">
<!--<![endif]-->
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style type="text/css">
#outlook a { padding:0; }
body { margin:0;padding:0;-webkit-text-size-adjust:100%;-ms-text-size-adjust:100%; }
table, td { border-collapse:collapse;mso-table-lspace:0pt;mso-table-rspace:0pt; }
img { border:0;height:auto;line-height:100%; outline:none;text-decoration:none;-ms-interpolation-mode:bicubic; }
p { display:block;margin:13px 0; }
</style>
<!--[if mso]>
<noscript>
<xml>
<o:OfficeDocumentSettings>
<o:AllowPNG/>
<o:PixelsPerInch>96</o:PixelsPerInch>
</o:OfficeDocumentSettings>
</xml>
</noscript>
<![endif]-->
<!--[if lte mso 11]>
<style type="text/css">
.mj-outlook-group-fix { width:100% !important; }
</style>
<![endif]-->
<style type="text/css">
@media only screen and (min-width:480px) {
.mj-column-per-100 { width:100% !important; max-width: 100%; }
}
</style>
<style media="screen and (min-width:480px)">
.moz-text-html .mj-column-per-100 { width:100% !important; max-width: 100%; }
</style>
<style type="text/css">
:root { color-scheme: light dark; supported-color-schemes: light dark; }
h1, h2, p, ul { margin: 0; }
@media (max-width: 480px) {
.card > table > tbody > tr > td { padding-left: 20px !important; padding-right: 20px !important; }
}
@media (prefers-color-scheme: dark) {
body, .page > div, .edge, .edge > table { background: #10181b !important; background-color: #10181b !important; }
.card, .card > table { background: #182327 !important; background-color: #182327 !important; }
.ink, .ink div, .ink table { color: #e6eef0 !important; }
.quiet, .quiet div, .row div.quiet, .row span.quiet { color: #a9bac0 !important; }
.accent, .accent div, .time a, .stop a { color: #5cc7bc !important; }
.row td, .foot > table > tbody > tr > td { border-color: #2c3b40 !important; }
}
</style>
<meta name="color-scheme" content="light dark" />
<meta name="supported-color-schemes" content="light dark" />
</head>
<body class="page" style="word-spacing:normal;background-color:#eef2f3;">
<div style="display:none;font-size:1px;color:#ffffff;line-height:1px;max-height:0px;max-width:0px;opacity:0;overflow:hidden;">{{preheader}}</div>
<div role="main" lang="en" dir="ltr" style="word-spacing:normal;background-color:#eef2f3;">
<!--[if mso | IE]><table align="center" border="0" cellpadding="0" cellspacing="0" class="edge-outlook" role="presentation" style="width:600px;" width="600" bgcolor="#eef2f3" ><tr><td style="line-height:0px;font-size:0px;mso-line-height-rule:exactly;"><![endif]-->
<div class="edge" style="background:#eef2f3;background-color:#eef2f3;margin:0px auto;max-width:600px;">
<table align="center" border="0" cellpadding="0" cellspacing="0" role="presentation" style="background:#eef2f3;background-color:#eef2f3;width:100%;">
<tbody>
<tr>
<td style="direction:ltr;font-size:0px;padding:12px 0 0;text-align:center;">
<!--[if mso | IE]><table role="presentation" border="0" cellpadding="0" cellspacing="0"><tr></tr></table><![endif]-->
</td>
</tr>
</tbody>
</table>
</div>
<!--[if mso | IE]></td></tr></table><table align="center" border="0" cellpadding="0" cellspacing="0" class="card-outlook" role="presentation" style="width:600px;" width="600" bgcolor="#ffffff" ><tr><td style="line-height:0px;font-size:0px;mso-line-height-rule:exactly;"><![endif]-->
<div class="card" style="background:#ffffff;background-color:#ffffff;margin:0px auto;max-width:600px;">
<table align="center" border="0" cellpadding="0" cellspacing="0" role="presentation" style="background:#ffffff;background-color:#ffffff;width:100%;">
<tbody>
<tr>
<td style="border-top:6px solid #0f766e;direction:ltr;font-size:0px;padding:28px 32px 12px;text-align:center;">
<!--[if mso | IE]><table role="presentation" border="0" cellpadding="0" cellspacing="0"><tr><td class="" style="vertical-align:top;width:536px;" ><![endif]-->
<div class="mj-column-per-100 mj-outlook-group-fix" style="font-size:0px;text-align:left;direction:ltr;display:inline-block;vertical-align:top;width:100%;">
<table border="0" cellpadding="0" cellspacing="0" role="presentation" width="100%">
<tbody>
<tr>
<td style="vertical-align:top;padding:0;">
<table border="0" cellpadding="0" cellspacing="0" role="presentation" style="" width="100%">
<tbody>
<tr>
<td align="left" class="accent" style="font-size:0px;padding:0 0 4px;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:14px;font-weight:600;line-height:1.5;text-align:left;color:#0f766e;">{{kicker}}</div>
</td>
</tr>
<tr>
<td align="left" class="ink" style="font-size:0px;padding:0;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:16px;line-height:1.5;text-align:left;color:#1d2a2e;"><h1 dir="auto" style="margin:0;font-size:24px;line-height:1.25;overflow-wrap:anywhere;text-align:start">{{topic}}</h1></div>
</td>
</tr>
{{#hasFacts}}
<tr>
<td align="left" class="quiet" style="font-size:0px;padding:8px 0 0;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:14px;line-height:1.5;text-align:left;color:#52636a;">{{#facts}}{{between}}<bdi>{{text}}</bdi>{{/facts}}</div>
</td>
</tr>
{{/hasFacts}}
</tbody>
</table>
</td>
</tr>
</tbody>
</table>
</div>
<!--[if mso | IE]></td></tr></table><![endif]-->
</td>
</tr>
</tbody>
</table>
</div>
<!--[if mso | IE]></td></tr></table><table align="center" border="0" cellpadding="0" cellspacing="0" class="card-outlook" role="presentation" style="width:600px;" width="600" bgcolor="#ffffff" ><tr><td style="line-height:0px;font-size:0px;mso-line-height-rule:exactly;"><![endif]-->
<div class="card" style="background:#ffffff;background-color:#ffffff;margin:0px auto;max-width:600px;">
<table align="center" border="0" cellpadding="0" cellspacing="0" role="presentation" style="background:#ffffff;background-color:#ffffff;width:100%;">
<tbody>
<tr>
<td style="direction:ltr;font-size:0px;padding:0 32px 28px;text-align:center;">
<!--[if mso | IE]><table role="presentation" border="0" cellpadding="0" cellspacing="0"><tr><td class="" style="vertical-align:top;width:536px;" ><![endif]-->
<div class="mj-column-per-100 mj-outlook-group-fix" style="font-size:0px;text-align:left;direction:ltr;display:inline-block;vertical-align:top;width:100%;">
<table border="0" cellpadding="0" cellspacing="0" role="presentation" width="100%">
<tbody>
<tr>
<td style="vertical-align:top;padding:0;">
<table border="0" cellpadding="0" cellspacing="0" role="presentation" style="" width="100%">
<tbody>
{{#notices}}
<tr>
<td align="left" class="ink" style="font-size:0px;padding:16px 0 0;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:16px;line-height:1.5;text-align:left;color:#1d2a2e;"><p style="margin:0;overflow-wrap:anywhere">{{text}}</p></div>
</td>
</tr>
{{/notices}}{{#overview}}
<tr>
<td align="left" class="ink" style="font-size:0px;padding:20px 0 0;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:16px;line-height:1.5;text-align:left;color:#1d2a2e;"><h2 style="margin:0 0 6px;font-size:18px;line-height:1.3">Overview</h2>
<p dir="auto"{{#language}} lang="{{language}}"{{/language}} style="margin:0;overflow-wrap:anywhere;text-align:start">{{text}}</p></div>
</td>
</tr>
{{/overview}}{{#buttons}}
<tr>
<td align="left" style="font-size:0px;padding:20px 0 0;word-break:break-word;">
<table border="0" cellpadding="0" cellspacing="0" role="presentation" style="border-collapse:separate;line-height:100%;">
<tbody>
<tr>
<td align="center" bgcolor="#0f766e" role="presentation" style="border:none;border-radius:8px;cursor:auto;mso-padding-alt:12px 20px;background:#0f766e;" valign="middle">
<a href="{{link}}" style="display:inline-block;background:#0f766e;color:#ffffff;font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:16px;font-weight:600;line-height:120%;margin:0;text-decoration:none;text-transform:none;padding:12px 20px;mso-padding-alt:0px;border-radius:8px;" target="_blank">
{{text}}
</a>
</td>
</tr>
</tbody>
</table>
</td>
</tr>
{{/buttons}}{{#sections}}
<tr>
<td align="left" class="ink" style="font-size:0px;padding:28px 0 6px;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:16px;line-height:1.5;text-align:left;color:#1d2a2e;"><h2 style="margin:0;font-size:18px;line-height:1.3">{{heading}}</h2></div>
</td>
</tr>
<tr>
<td align="left" class="ink" style="font-size:0px;padding:0;word-break:break-word;">
<table cellpadding="0" cellspacing="0" role="presentation" width="100%" border="0" style="color:#1d2a2e;font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:16px;line-height:1.5;table-layout:auto;width:100%;border:none;">
{{#items}}
<tr class="row">
{{#time}}
<td class="time" width="64" valign="top" style="padding:8px 0;border-top:1px solid #dde5e7;font-size:14px;line-height:24px;vertical-align:top">{{#link}}<a href="{{link}}" style="color:#0f766e" aria-label="Open the recording at {{time}}">{{time}}</a>{{/link}}{{^link}}<span class="quiet" style="color:#52636a">{{time}}</span>{{/link}}</td>
{{/time}}
<td valign="top" style="padding:8px 0;border-top:1px solid #dde5e7;overflow-wrap:anywhere;vertical-align:top"><div dir="auto"{{#language}} lang="{{language}}"{{/language}}>{{text}}</div>{{#hasDetails}}<div dir="auto" class="quiet" style="color:#52636a;font-size:14px">{{#details}}{{between}}<bdi>{{text}}</bdi>{{/details}}</div>{{/hasDetails}}</td>
</tr>
{{/items}}
</table>
</td>
</tr>
{{#more}}
<tr>
<td align="left" class="quiet" style="font-size:0px;padding:8px 0 0;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:14px;line-height:1.5;text-align:left;color:#52636a;">{{text}}</div>
</td>
</tr>
{{/more}}{{/sections}}{{#hasNext}}
<tr>
<td align="left" class="ink" style="font-size:0px;padding:28px 0 0;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:16px;line-height:1.5;text-align:left;color:#1d2a2e;"><h2 style="margin:0 0 6px;font-size:18px;line-height:1.3">What happens next</h2>
{{#next}}<p style="margin:0 0 8px;overflow-wrap:anywhere">{{text}}</p>{{/next}}</div>
</td>
</tr>
{{/hasNext}}
</tbody>
</table>
</td>
</tr>
</tbody>
</table>
</div>
<!--[if mso | IE]></td></tr></table><![endif]-->
</td>
</tr>
</tbody>
</table>
</div>
<!--[if mso | IE]></td></tr></table><table align="center" border="0" cellpadding="0" cellspacing="0" class="card-outlook foot-outlook" role="presentation" style="width:600px;" width="600" bgcolor="#ffffff" ><tr><td style="line-height:0px;font-size:0px;mso-line-height-rule:exactly;"><![endif]-->
<div class="card foot" style="background:#ffffff;background-color:#ffffff;margin:0px auto;max-width:600px;">
<table align="center" border="0" cellpadding="0" cellspacing="0" role="presentation" style="background:#ffffff;background-color:#ffffff;width:100%;">
<tbody>
<tr>
<td style="border-top:1px solid #dde5e7;direction:ltr;font-size:0px;padding:20px 32px 24px;text-align:center;">
<!--[if mso | IE]><table role="presentation" border="0" cellpadding="0" cellspacing="0"><tr><td class="" style="vertical-align:top;width:536px;" ><![endif]-->
<div class="mj-column-per-100 mj-outlook-group-fix" style="font-size:0px;text-align:left;direction:ltr;display:inline-block;vertical-align:top;width:100%;">
<table border="0" cellpadding="0" cellspacing="0" role="presentation" width="100%">
<tbody>
<tr>
<td style="vertical-align:top;padding:0;">
<table border="0" cellpadding="0" cellspacing="0" role="presentation" style="" width="100%">
<tbody>
{{#label}}
<tr>
<td align="left" class="quiet" style="font-size:0px;padding:0 0 12px;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:14px;line-height:1.5;text-align:left;color:#52636a;">{{text}}</div>
</td>
</tr>
{{/label}}
<tr>
<td align="left" class="quiet" style="font-size:0px;padding:0;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:14px;line-height:1.5;text-align:left;color:#52636a;">{{why}}</div>
</td>
</tr>
{{#stop}}
<tr>
<td align="left" class="stop" style="font-size:0px;padding:12px 0 0;word-break:break-word;">
<div style="font-family:-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;font-size:14px;line-height:1.5;text-align:left;color:#1d2a2e;"><a href="{{link}}" style="color:#0f766e">{{text}}</a></div>
</td>
</tr>
{{/stop}}
</tbody>
</table>
</td>
</tr>
</tbody>
</table>
</div>
<!--[if mso | IE]></td></tr></table><![endif]-->
</td>
</tr>
</tbody>
</table>
</div>
<!--[if mso | IE]></td></tr></table><table align="center" border="0" cellpadding="0" cellspacing="0" class="edge-outlook" role="presentation" style="width:600px;" width="600" bgcolor="#eef2f3" ><tr><td style="line-height:0px;font-size:0px;mso-line-height-rule:exactly;"><![endif]-->
<div class="edge" style="background:#eef2f3;background-color:#eef2f3;margin:0px auto;max-width:600px;">
<table align="center" border="0" cellpadding="0" cellspacing="0" role="presentation" style="background:#eef2f3;background-color:#eef2f3;width:100%;">
<tbody>
<tr>
<td style="direction:ltr;font-size:0px;padding:0 0 24px;text-align:center;">
<!--[if mso | IE]><table role="presentation" border="0" cellpadding="0" cellspacing="0"><tr></tr></table><![endif]-->
</td>
</tr>
</tbody>
</table>
</div>
<!--[if mso | IE]></td></tr></table><![endif]-->
</div>
</body>
</html>
`;
