import { TimeZone } from 'aws-cdk-lib';

/** Older names of zones in IANA's database, release 2025b: the links of its file `backward`. */
const LINKS: ReadonlySet<string> = new Set(
  `
  Africa/Asmara Africa/Asmera Africa/Timbuktu America/Atikokan America/Argentina/ComodRivadavia America/Atka America/Buenos_Aires America/Catamarca
  America/Coral_Harbour America/Cordoba America/Ensenada America/Fort_Wayne America/Godthab America/Indianapolis
  America/Jujuy America/Knox_IN America/Kralendijk America/Louisville America/Lower_Princes America/Marigot
  America/Mendoza America/Montreal America/Nipigon America/Pangnirtung America/Porto_Acre America/Rainy_River
  America/Rosario America/Santa_Isabel America/Shiprock America/St_Barthelemy America/Thunder_Bay America/Virgin
  America/Yellowknife Antarctica/South_Pole Arctic/Longyearbyen Asia/Ashkhabad Asia/Calcutta Asia/Choibalsan
  Asia/Chongqing Asia/Chungking Asia/Dacca Asia/Harbin Asia/Istanbul Asia/Kashgar Asia/Katmandu Asia/Macao
  Asia/Rangoon Asia/Saigon Asia/Tel_Aviv Asia/Thimbu Asia/Ujung_Pandang Asia/Ulan_Bator Atlantic/Faeroe
  Atlantic/Jan_Mayen Australia/ACT Australia/Canberra Australia/Currie Australia/LHI Australia/NSW Australia/North
  Australia/Queensland Australia/South Australia/Tasmania Australia/Victoria Australia/West Australia/Yancowinna
  Brazil/Acre Brazil/DeNoronha Brazil/East Brazil/West Canada/Atlantic Canada/Central Canada/Eastern Canada/Mountain
  Canada/Newfoundland Canada/Pacific Canada/Saskatchewan Canada/Yukon Chile/Continental Chile/EasterIsland Cuba Egypt
  Eire Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich Etc/UCT Etc/Universal Etc/Zulu Europe/Belfast Europe/Bratislava
  Europe/Busingen Europe/Kiev Europe/Mariehamn Europe/Nicosia Europe/Podgorica Europe/San_Marino Europe/Tiraspol
  Europe/Uzhgorod Europe/Vatican Europe/Zaporozhye GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich Hongkong Iceland Iran
  Israel Jamaica Japan Kwajalein Libya Mexico/BajaNorte Mexico/BajaSur Mexico/General NZ NZ-CHAT Navajo PRC
  Pacific/Chuuk Pacific/Enderbury Pacific/Johnston Pacific/Pohnpei Pacific/Ponape Pacific/Samoa Pacific/Truk Pacific/Yap Poland Portugal ROC ROK
  Singapore Turkey UCT US/Alaska US/Aleutian US/Arizona US/Central US/East-Indiana US/Eastern US/Hawaii
  US/Indiana-Starke US/Michigan US/Mountain US/Pacific US/Samoa UTC Universal W-SU Zulu
  `
    .trim()
    .split(/\s+/),
);

/** Whether IANA's database has a zone of this name, written so. Node reads names in any case. */
export function isZoneName(name: string): boolean {
  return LINKS.has(name) || zoneNames().has(name);
}

/** Those of the CDK are today's, those of Node partly yesterday's: `Europe/Kyiv` is the one, `Europe/Kiev` the other. */
function zoneNames(): ReadonlySet<string> {
  const ofCdk = Object.values(TimeZone).flatMap((zone) => (zone instanceof TimeZone ? [zone.timezoneName] : []));
  return new Set([...ofCdk, ...Intl.supportedValuesOf('timeZone')]);
}
