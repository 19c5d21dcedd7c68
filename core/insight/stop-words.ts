/**
 * The words that make up most of any talk and say nothing about it. They also tell which language it is in.
 * English has its own longer list, since it also has rules.
 */
const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

export const stopWords: Readonly<Record<string, ReadonlySet<string>>> = {
  en: words(`a about actually after again all almost already also always am an and another any anybody anyone anything
    are aren't around as at back be because been before being both but by came can can't cannot come comes coming could
    couldn't did didn't do does doesn't doing don't done down each either else even ever every everybody everyone
    everything few first for from get gets getting give given go goes going gone gonna good got great guess guys had has
    hasn't have haven't having he he's her here here's hers him his how i i'd i'll i'm i've if in into is isn't it it'd
    it'll it's its just kind kinda know last less let let's like little look looking looks lot lots made make makes
    making many may maybe me mean means might mine more most much must my need needs never new next nice no nobody not
    nothing now of off oh ok okay on once one ones only or other others our ours out over own part people perhaps please
    point pretty probably put quite rather really right said same saw say saying says see seen shall she she's should
    shouldn't since so some somebody someone something sometimes sort still stuff such sure take taken takes taking talk
    talked talking tell than thank thanks that that'll that's the their theirs them then there there's these they
    they'd they'll they're they've thing things think thinking this those though thought three through time to today
    together told too took tried try trying two uh um under until up upon us use used using very wanna want wanted wants
    was wasn't way we we'd we'll we're we've well went were weren't what what's whatever when where whether which while
    who who's whole whom whose why will with within without won't work works would wouldn't yeah yep yes yet you you'd
    you'll you're you've your yours`),
  de: words(`aber alle allem allen aller alles als also am an auch auf aus bei beim bin bis bitte da dabei damit dann das
    dass dazu dein dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine
    einem einen einer eines einfach er es etwas euch für ganz genau gibt gut haben habe hat hatte hier hätte ich ihm ihn
    ihr ihre im immer in ist ja jetzt kann kannst kein keine können könnte machen mal man mehr mein meine mich mir mit
    muss müssen nach nein nicht nichts noch nur ob oder ok schon sehr sein seine sich sie sind so soll sollen sollte
    sondern über um und uns unser unsere unter viel vielleicht vom von vor war waren was weil wenn wer werden wie wieder
    will wir wird wo wollen wurde würde zu zum zur`),
  fr: words(`ai alors après au aussi autre aux avec avez avoir avons bien bon c'est car ce cela ces cet cette ceux chez
    comme comment d'accord dans de des deux dire dit doit donc dont du elle elles en encore est et était être eu faire
    fait faut il ils je jusqu la là le les leur leurs lui ma mais me même mes moi mon n'est ne nos notre nous on ont ou
    où oui par parce pas peu peut plus pour pourquoi pouvez qu'il qu'on quand que qui quoi sa sans se sera ses si son
    sont sur ta tous tout toute toutes très tu un une va vais voilà vos votre vous y ça êtes`),
  es: words(`a ahora al algo alguien allí antes aquí así aunque bien bueno cada como con creo cual cuando de del desde donde
    dos el él ella ellos en entonces era es esa ese eso esta está estaba estamos están estar este esto estoy fue gracias
    ha hace hacer han hasta hay he la las le les lo los luego más me mi mientras mucho muy nada ni no nos nosotros o otra
    otro para pero poco podemos por porque puede pues que qué quien se sea ser si sí sido sin sobre solo son su sus
    también tan te tenemos tener tengo tiene todo todos tu un una unos uno usted va vale vamos ver vez y ya yo`),
  it: words(`abbiamo ai al alla alle allora anche ancora avere bene c'è che chi ci come con cosa così cui da dai dal dalla
    degli dei del della delle dello di dobbiamo dopo dove due e è ecco era essere fa fare fatto gli ha hanno ho i il in
    io la le lei lo loro lui ma mi mio molto ne nel nella no noi non nostro o ogni ok per perché però più poi possiamo
    può prima quale quando quella quello questa queste questi questo qui se sei senza si sì sia siamo solo sono sta su
    sua sul sulla suo tra tu tutti tutto un una uno va voi`),
  pt: words(`a agora ainda além algo ali ao aos as até bem bom cada com como da das de dele depois do dos e é ela ele eles
    em então entre era essa esse está estamos estão estou eu foi for gente há isso isto já lá lhe mais mas me mesmo meu
    minha muito na nada não nas nem no nos nós nossa nosso num numa o obrigado onde os ou para pela pelo pode podemos por
    porque pouco pra quando que quem se sem ser seu sim sobre só sua também tem temos tenho ter todos tudo um uma vai
    vamos você vocês`),
  nl: words(`aan al alle alleen als altijd ben bij daar dan dat de deze die dit doen door dus een eens en er even gaan gaat
    geen goed had heb hebben heeft het hier hij hoe ik in is ja je jij jullie kan kunnen maar me meer met mij mijn moet
    moeten na naar nee niet niets nog nu of om omdat ons onze ook op over te toch toe tot u uit van veel voor waar want
    waren was wat we weer wel welke werd wie wij wil worden zal ze zich zij zijn zo zou zouden`),
  sv: words(`all alla allt att av bara blev bli blir bra då de del dem den det detta dig din där efter eller en ett finns
    från för får går ha hade han har hon hur här i igen in inga ingen inte ja jag just kan kommer kunde lite man med mig
    min mot mycket måste ner nej ni nu när och också om oss på sig sin ska skulle så som till tycker upp ut vad var vara
    vem vet vi vid vilka vill är över`),
};

export const noWords: ReadonlySet<string> = new Set();
